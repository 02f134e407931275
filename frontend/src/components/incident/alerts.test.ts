// An alert that fired again is no second trouble, and hundreds of one kind are one line.
import { expect, it } from 'vitest'
import { alert } from '../../testing/samples'
import { distinct, groupsOf, matches, tellingLabels } from './alerts'

it('counts one alert once, however its labels are ordered', () => {
  const found = distinct([
    alert('3', { labels: { pod: 'a', zone: 'x' } }),
    alert('2', { labels: { pod: 'b' } }),
    alert('1', { labels: { zone: 'x', pod: 'a' } }),
  ])
  expect(found.map(({ id }) => id)).toEqual(['3', '2'])
})

it('puts what has one name and one target together, the biggest group first', () => {
  const groups = groupsOf([
    alert('1', { name: 'Slow', labels: { pod: 'a' } }),
    alert('2', { labels: { pod: 'a' } }),
    alert('3', { labels: { pod: 'b' }, status: 'resolved' }),
    alert('4', { labels: { pod: 'b' }, status: 'firing' }),
    alert('5', { target: 'db', labels: { pod: 'c' } }),
  ])
  expect(groups.map(({ name, target, alerts, firing }) => [name, target, alerts.length, firing])).toEqual([
    ['Down', 'web', 2, 1],
    ['Slow', 'web', 1, 1],
    ['Down', 'db', 1, 1],
  ])
})

it('says of one what the others of its group do not have', () => {
  const [one, two] = [
    alert('1', { labels: { alertname: 'Down', zone: 'x', pod: 'a' } }),
    alert('2', { labels: { alertname: 'Down', zone: 'x', pod: 'b', node: 'n' } }),
  ]
  expect([one, two].map((each) => tellingLabels(each, [one, two]))).toEqual(['pod=a', 'pod=b, node=n'])
})

it('finds by any part of name, target and labels', () => {
  const one = alert('1', { name: 'PodDown', labels: { pod: 'shop-7', zone: 'east' } })
  expect(matches(one, 'down EAST')).toBe(true)
  expect(matches(one, '')).toBe(true)
  expect(matches(one, 'down west')).toBe(false)
})
