"""Cross-origin headers of the embedded edge: like Supabase, it answers scripts of any page that has the key."""

ALLOWED_HEADERS = (
    "authorization, apikey, content-type, x-client-info, x-supabase-api-version, x-retry-count, traceparent,"
    " tracestate, baggage"
)

# Credentials travel in headers a page must already hold, never in cookies, so any origin may ask.
ANSWER = {"access-control-allow-origin": "*", "access-control-expose-headers": "x-supabase-api-version, retry-after"}

PREFLIGHT = {
    **ANSWER,
    "access-control-allow-headers": ALLOWED_HEADERS,
    "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "access-control-max-age": "3600",
}
