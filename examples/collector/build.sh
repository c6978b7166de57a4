#!/bin/sh
# Builds the collector of builder.yaml once and prints the path of the binary.
# The binary lies in the user's cache, under a hash of everything it is made from.
set -eu

OCB_VERSION=v0.155.0
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/costspan

if ! command -v go >/dev/null; then
  echo 'build.sh: Go is needed to build the collector (https://go.dev/dl, 1.25 or newer) and was not found.' >&2
  exit 127
fi

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; }
hash=$({ cat "$here/builder.yaml" "$here/go.mod" "$here/go.sum" "$0"; go env GOVERSION GOOS GOARCH; } | sha256 | cut -c1-16)
binary=$cache/otelcol-$hash

if [ ! -x "$binary" ]; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/build.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  export CGO_ENABLED=0

  ocb=$cache/ocb-$OCB_VERSION/builder
  [ -x "$ocb" ] || GOBIN=$cache/ocb-$OCB_VERSION go install "go.opentelemetry.io/collector/cmd/builder@$OCB_VERSION" >&2

  # The builder writes main.go and components.go; the versions come from the lock beside this script.
  (cd "$work" && "$ocb" --config "$here/builder.yaml" --skip-get-modules --skip-compilation >&2)
  cp "$here/go.mod" "$here/go.sum" "$work/dist/"
  (cd "$work/dist" && nice go build -trimpath -ldflags '-s -w' -o "$work/otelcol" . >&2)

  # A rename is atomic: two builds at once end with one whole binary.
  mv "$work/otelcol" "$binary"
fi
echo "$binary"
