# The image of mdcloud_exporter: the binary, the libraries it needs and the bundle of certificate authorities, in one
# layer that comes out the same from the same sources and packages. It writes nothing, works with a read-only root file
# system, without capabilities and under any user id. `docker build -t mdcloud-exporter .`; `--target test` builds and
# runs the unit tests.
#   BUILD_BASE  what is compiled on, a Debian 12; by digest where builds have to be repeatable
#   BASE        what the image starts from: nothing, or an image with a shell or the tools that your policy asks for
#   VERSION, REVISION, CREATED, SOURCE_URL, DOCUMENTATION_URL and SOURCE_DATE_EPOCH end up in labels and timestamps
ARG BUILD_BASE=docker.io/library/debian:12
ARG BASE=scratch

FROM ${BUILD_BASE} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
COPY packages /packages
RUN /packages/install build runtime && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY scrape scrape
COPY http http
COPY simulator simulator
COPY exporter exporter
ARG REVISION=
# What this compiler warns of is no reason not to have an image.
RUN cmake --preset release -DMDCLOUD_WERROR=OFF -DMDCLOUD_BUILD_TESTS=OFF -DMDCLOUD_REVISION="${REVISION}" \
 && cmake --build --preset release --target mdcloud_exporter
# ldd's closure, the loader included, where the loader looks for it. As in every merged file system, /lib* are links: so
# it fits an empty BASE as well as another Debian. Times are the sources' own, not those of this build.
ARG SOURCE_DATE_EPOCH=0
RUN mkdir -p /image/etc/ssl/certs /image/usr/lib /image/usr/lib64 \
 && ln -s usr/lib usr/lib64 /image/ \
 && objcopy --strip-debug build/release/mdcloud_exporter /image/mdcloud_exporter \
 && for library in $(ldd build/release/mdcloud_exporter | grep -o '/[^ ]*' | sort -u); do \
      directory=/image$(realpath "$(dirname "${library}")"); \
      mkdir -p "${directory}"; \
      cp --dereference "${library}" "${directory}/"; \
    done \
 && cp --dereference /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && printf 'nonroot:x:65532:65532::/:/sbin/nologin\n' >/image/etc/passwd \
 && printf 'nonroot:x:65532:\n' >/image/etc/group \
 && chmod -R u=rwX,go=rX /image \
 && find /image -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM build AS test
RUN /packages/install unit && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cmake build/release -DMDCLOUD_BUILD_TESTS=ON \
 && cmake --build --preset release --target unit_tests \
 && ctest --test-dir build/release --label-regex unit --parallel 2 --no-tests=error --output-on-failure

FROM ${BASE}
COPY --from=build /image /
# OpenSSL's own default path is not the one of the bundle. The exporter finds that without: its libcurl has the path built in.
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
ARG BASE
ARG VERSION=0.1.0
ARG REVISION=
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE_URL=
ARG DOCUMENTATION_URL=${SOURCE_URL}
LABEL org.opencontainers.image.title="mdcloud_exporter" \
      org.opencontainers.image.description="Prometheus exporter for the apikey quotas of OPSWAT MetaDefender Cloud" \
      org.opencontainers.image.source="${SOURCE_URL}" \
      org.opencontainers.image.url="${SOURCE_URL}" \
      org.opencontainers.image.documentation="${DOCUMENTATION_URL}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${BASE}"
USER 65532:65532
EXPOSE 10580
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/mdcloud_exporter", "healthcheck"]
ENTRYPOINT ["/mdcloud_exporter"]
