# The service. Build needs only this folder; run it with docker-compose.yml beside its servers.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/tarrafa
COPY constraints.txt pyproject.toml README.md ./
RUN /opt/tarrafa/bin/pip install --no-cache-dir -c constraints.txt uv
COPY . .
# Without the extra `gnn`: torch multiplies the image's size; build with --build-arg EXTRAS=[gnn] to have it.
ARG EXTRAS=""
RUN /opt/tarrafa/bin/uv pip install --no-cache --python /opt/tarrafa/bin/python -c constraints.txt ".${EXTRAS}"

FROM python:3.11-slim
# docs/adr/0001 says why these are set before the process starts.
ENV GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096 \
    OMP_WAIT_POLICY=passive \
    NUMBA_CACHE_DIR=/var/lib/tarrafa/numba \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    PATH=/opt/tarrafa/bin:$PATH \
    TARRAFA_HOME=/var/lib/tarrafa/home
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/tarrafa tarrafa
COPY --from=build /opt/tarrafa /opt/tarrafa
USER tarrafa
VOLUME /var/lib/tarrafa
EXPOSE 8000
ENTRYPOINT ["tarrafa"]
CMD ["serve"]
