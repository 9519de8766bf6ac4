# Read by tests/image/run: how images are made, and what has to be true of one that does not run.
# shellcheck shell=bash disable=SC2154  # variables of tests/image/run

make_base() {
  local mirror
  # The mirror that this machine itself installs from.
  mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^bookworm main //p' | head -n 1)
  # shellcheck disable=SC2086  # none or one word
  debootstrap --variant=minbase bookworm "$work/base" $mirror >"$work/debootstrap.log" 2>&1 ||
    { cat "$work/debootstrap.log"; fail "debootstrap"; }
  rm -rf "$work"/base/var/cache/apt/archives/*.deb
  tar -C "$work/base" -c . | podman "${stores[@]}" import --quiet - "$base" >/dev/null
  rm -rf "$work/base"
}

build_image() {  # build_image NAME DOCKERFILE CCACHE OPTION...
  local name=$1 dockerfile=$2 objects=$3 start=$SECONDS
  shift 3
  buildah "${stores[@]}" bud --isolation chroot --pull-never --format docker --layers --tag "$name" --file "$dockerfile" \
    --volume "$cache/apt:/var/cache/apt/archives:rw" --volume "$cache/$objects:/root/.cache/ccache:rw" \
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "CREATED=$created" \
    --build-arg "SOURCE_DATE_EPOCH=$epoch" --build-arg "SOURCE_URL=$source_url" "$@" . >"$work/build.log" 2>&1 ||
    { cat "$work/build.log"; fail "building $name"; }
  echo "$name built in $((SECONDS - start)) s"
}

inspect() {  # inspect WHAT [IMAGE]
  buildah "${stores[@]}" inspect --type image --format "{{$1}}" "${2:-$image}"
}

check_configuration() {
  expect "user" "$(inspect .Docker.Config.User)" 65532:65532
  expect "entry point" "$(inspect .Docker.Config.Entrypoint)" "[/mdcloud_exporter]"
  expect "health check" "$(inspect .Docker.Config.Healthcheck.Test)" "[CMD /mdcloud_exporter healthcheck]"
  expect "port" "$(inspect .Docker.Config.ExposedPorts)" "map[10580/tcp:{}]"
  expect "volumes" "$(inspect .Docker.Config.Volumes)" "map[]"
  expect "environment" "$(inspect .Docker.Config.Env | grep -oE '[A-Z_]+=' | sort | tr -d '\n')" PATH=SSL_CERT_FILE=
  buildah "${stores[@]}" inspect --type image \
    --format '{{range $name, $value := .Docker.Config.Labels}}LABEL {{$name}}="{{$value}}"{{"\n"}}{{end}}' "$image" |
    grep '^LABEL org[.]' >"$work/labels"
  tests/image/lint "$cache/hadolint" labels <"$work/labels" || fail "labels"
  ok "$(wc -l <"$work/labels") labels are well formed"
  label() { sed -n "s/^LABEL org.opencontainers.image.$1=\"\(.*\)\"$/\1/p" "$work/labels"; }
  expect "version" "$(label version)" "$version"
  expect "revision" "$(label revision)" "$revision"
  expect "created" "$(label created)" "$created"
  expect "source" "$(label source)" "$source_url"
  expect "name of the base" "$(label base.name)" scratch
  expect "licence" "$(label licenses)" "$(sed -n 's/^ *\(Apache\) License$/\1-2.0/p' LICENSE)"
  local layer
  layer=$(inspect .Docker.RootFS.DiffIDs)
  expect "number of layers" "$(wc -w <<<"$layer")" 1
  expect "layer of a second build elsewhere" "$(inspect .Docker.RootFS.DiffIDs "$image-again")" "$layer"
}

check_content() {
  local container root others authorities compressed
  container=$(buildah "${stores[@]}" from --pull-never "$image")
  root=$(buildah "${stores[@]}" mount "$container")
  others=$(cd "$root" && find . -type f | grep -vE '^\./(mdcloud_exporter|etc/(passwd|group)|etc/ssl/certs/ca-certificates.crt|usr/lib(64)?/[^ ]*\.so[.0-9]*)$' || true)
  expect "what is neither program, library nor certificate" "$others" ""
  expect "files that not everybody may read" "$(find "$root" -type f ! -perm -o+r)" ""
  expect "files that somebody else may write" "$(find "$root" ! -type l -perm /022)" ""
  expect "files with privileges" "$(find "$root" -perm /6000)" ""
  expect "files of another time" "$(find "$root" -mindepth 1 -newermt "@$epoch" -o -mindepth 1 ! -newermt "@$((epoch - 1))")" ""
  expect "paths of the build in the program" "$(strings "$root/mdcloud_exporter" | grep -E '^/src|^/else' || true)" ""
  authorities=$(grep -c 'BEGIN CERTIFICATE' "$root/etc/ssl/certs/ca-certificates.crt")
  [ "$authorities" -gt 100 ] || fail "only $authorities certificate authorities"
  ok "$authorities certificate authorities"
  cp "$root/etc/ssl/certs/ca-certificates.crt" "$work/"
  compressed=$(tar -C "$root" -cz . | wc -c)
  echo "size: $(find "$root" -type f -name '*.so*' | wc -l) libraries, $(du -s --block-size=1K "$root" | cut -f 1) KiB"
  [ "$compressed" -le "$largest" ] || fail "$compressed bytes compressed are more than $largest"
  ok "$compressed bytes compressed"
  buildah "${stores[@]}" rm "$container" >/dev/null
}
