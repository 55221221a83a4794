# The image of web, worker, beat and outbox alike: compose.yaml says which does what.
# Pin the base by digest where you build: --build-arg PYTHON=python@sha256:...
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS packages
RUN python -m venv /opt/venv
COPY requirements/run.txt /tmp/run.txt
# Hashes checked, wheels only: nothing that is downloaded runs while it is installed.
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps \
    --only-binary :all: -r /tmp/run.txt

FROM ${PYTHON}
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/opt/waymark/collected \
    BIND=0.0.0.0:8000
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin waymark
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/waymark
COPY . .
# Needs settings but no server and no secret: none of these values gets into the image.
RUN SECRET_KEY=building SEALING_KEYS='{"current":"k","data":{"k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},"index":{}}' \
    DATABASE_URL=postgresql:///building python manage.py collectstatic --no-input --verbosity 0
USER waymark
EXPOSE 8000
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "config.wsgi"]
