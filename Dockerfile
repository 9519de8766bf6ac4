# The image of mdcloud_exporter: the binary, the libraries it needs and the bundle of certificate authorities.
# It writes nothing, works with a read-only root file system and under any user id. `docker build -t mdcloud-exporter .`
ARG BASE=docker.io/library/debian:12

FROM ${BASE} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
COPY packages /src/packages
RUN /src/packages/install build runtime && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
ARG REVISION=
RUN cmake --preset release -DMDCLOUD_BUILD_TESTS=OFF -DMDCLOUD_REVISION="${REVISION}" \
 && cmake --build --preset release
# ldd's closure, the loader included, each file at the path that the loader looks for.
RUN mkdir -p /image/etc/ssl/certs \
 && objcopy --strip-debug build/release/mdcloud_exporter /image/mdcloud_exporter \
 && ldd build/release/mdcloud_exporter | grep -o '/[^ ]*' | sort -u | xargs cp --dereference --parents --target-directory /image \
 && cp --dereference /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && printf 'nonroot:x:65532:65532::/:/sbin/nologin\n' >/image/etc/passwd \
 && printf 'nonroot:x:65532:\n' >/image/etc/group \
 && chmod -R a+rX /image

FROM scratch
COPY --from=build /image /
# OpenSSL's own default path is not the one of the bundle.
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
ARG VERSION=0.1.0
ARG REVISION=
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="mdcloud_exporter" \
      org.opencontainers.image.description="Prometheus exporter for the apikey quotas of OPSWAT MetaDefender Cloud" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
USER 65532:65532
EXPOSE 10580
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/mdcloud_exporter", "healthcheck"]
ENTRYPOINT ["/mdcloud_exporter"]
