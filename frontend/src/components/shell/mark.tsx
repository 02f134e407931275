// The product's sign: a lamp over a desk.
export const Mark = ({ className }: { className?: string }) => (
  <svg viewBox="0 0 24 24" aria-hidden className={className} fill="none">
    <path d="M8 3.500h8l4 10H4z" className="fill-accent" />
    <path d="M3 20h18" className="stroke-ink" strokeWidth="2.500" strokeLinecap="round" />
  </svg>
)
