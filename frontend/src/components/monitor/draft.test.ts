// Changing a monitor keeps what the form does not show.
import { expect, it } from 'vitest'
import type { Monitor } from '../../api/types'
import { changedMonitor, draftOf } from './draft'

const monitor = {
  name: 'shop',
  address: 'https://shop.example.com/health',
  interval_seconds: 45,
  severity: 'high',
  config: {
    headers: { 'X-Key': '1' },
    logs_file: '/var/log/shop',
    expected_status: ['200-299', '301'],
    keyword: 'ok',
  },
} as unknown as Monitor

it('sends back unchanged what was not changed', () => {
  expect(changedMonitor(draftOf(monitor), monitor)).toEqual({
    name: 'shop',
    address: 'https://shop.example.com/health',
    interval_seconds: 45,
    severity: 'high',
    config: monitor.config,
  })
})

it('drops the text to look for when it is emptied, and nothing else', () => {
  const { config } = changedMonitor({ ...draftOf(monitor), keyword: '' }, monitor)
  expect(config).toEqual({
    headers: { 'X-Key': '1' },
    logs_file: '/var/log/shop',
    expected_status: ['200-299', '301'],
  })
})
