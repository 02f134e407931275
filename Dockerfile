# Nightdesk in one image; the command is the role: up, api, worker checks|agent|actions|notify, migrate.

# The UI, with the Node it is tested with.
FROM node:20.20.2-bookworm-slim AS ui
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY frontend/ ./
RUN npm run build

# Libraries exactly as locked, as wheels only: nothing is compiled here, and no compiler is needed.
FROM python:3.11.16-slim-bookworm AS libraries
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python3 -m venv /opt/nightdesk
COPY requirements.lock ./
RUN /opt/nightdesk/bin/pip install --require-hashes --only-binary=:all: -r requirements.lock
COPY pyproject.toml setup.py README.md ./
COPY backend/ backend/
COPY agent_graph/ agent_graph/
COPY actions/ actions/
COPY checks/ checks/
COPY supabase/migrations/ supabase/migrations/
COPY supabase/embedded/ supabase/embedded/
COPY --from=ui /src/frontend/dist/ frontend/dist/
RUN /opt/nightdesk/bin/pip install --no-deps --no-build-isolation . \
    && /opt/nightdesk/bin/pip uninstall --yes --quiet setuptools pip

FROM python:3.11.16-slim-bookworm
RUN useradd --system --user-group --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin nightdesk \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data \
    && install --directory --owner=10001 --group=10001 --mode=0755 /run/nightdesk
COPY --from=libraries /opt/nightdesk /opt/nightdesk
ENV PATH=/opt/nightdesk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NIGHTDESK_DATA_DIR=/data \
    NIGHTDESK_HOST=0.0.0.0 \
    NIGHTDESK_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8700
# The door of `api` and `up`. A worker has none: it is asked for by name, see docker-compose.yml.
HEALTHCHECK --interval=20s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "backend.healthcheck"]
ENTRYPOINT ["nightdesk"]
CMD ["up"]
