# shellcheck shell=bash disable=SC2154 # whoever sources this sets $environment
# An environment of its own for the built wheel, with what extras of pyproject.toml bring; sourced by
# scripts/test, scripts/matrix and scripts/docs, which name its folder in $environment.

# Many processes import the same modules; each would compile them.
unset PYTHONDONTWRITEBYTECODE

# Not the working folder but the installed wheel is what tests, servers and kernels import.
export PYTHONSAFEPATH=1

say() { printf '\n== %s\n' "$*"; }

stop() {
  printf 'scripts/%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Here an extra that is absent is an error, see tests/conftest.py; matrix rows name their folders.
export MYID_TESTS_NEED_EVERY_EXTRA=1

prepare() { # EXTRAS, separated by commas
  make_environment
  prepare_programs "$1" & # of Debian and npm: both wait for the network most of the time
  say "Installing the wheel with $1"
  install --reinstall-package myid-notebook ".[$1]"
  wait $!
}

# uv takes a tenth of pip's time. It reads no pip.conf, so it is told pip's index; where it finds no
# index, pip installs.
install() {
  local pip=("$environment/bin/python" -m pip) index
  index="$("${pip[@]}" config get global.index-url 2>/dev/null)" || index=
  index="${PIP_INDEX_URL:-$index}"
  if "${pip[@]}" install --quiet uv; then
    "$environment/bin/uv" pip install --quiet --python "$environment/bin/python" \
      ${index:+--default-index "$index"} "$@" && return
  fi
  if [ "$1" = --reinstall-package ]; then shift 2; fi # pip always does this to a folder
  "${pip[@]}" install --quiet "$@"
}

make_environment() {
  local python
  python="$(find_python)" || stop "no Python 3.11 or later found (python3, python3.11 …)"
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    say "Installing Debian's python3-venv"
    install_packages python3-venv
  fi
  say "Environment: $environment, with $("$python" --version)"
  "$python" -m venv "$environment"
}

find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

prepare_programs() { # EXTRAS, separated by commas
  local programs=() packages=()
  if [[ "$1" == *test-browser* ]]; then
    programs+=(chromium)
    [ -f "$environment/node_modules/axe-core/axe.min.js" ] || packages+=(axe-core@4)
  fi
  if [[ "$1" == *test-hub* ]]; then
    [ -x "$environment/node_modules/.bin/configurable-http-proxy" ] ||
      packages+=(configurable-http-proxy)
  fi
  [ ${#packages[@]} -eq 0 ] || programs+=(node npm)
  prepare_debian "${programs[@]}"
  [ ${#packages[@]} -eq 0 ] || prepare_npm "${packages[@]}"
}

prepare_debian() { # PROGRAM...
  local program missing=()
  for program in "$@"; do
    command -v "$program" >/dev/null || missing+=("${program/%node/nodejs}")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "Installing Debian's ${missing[*]}"
  install_packages "${missing[@]}"
  for program in "$@"; do
    command -v "$program" >/dev/null || stop "$program was installed, but is not on the PATH"
  done
}

# What comes from npm goes into the environment, where the tests look for it.
prepare_npm() { # PACKAGE...
  local version=5 # of the proxy: it wants node 20
  node -e 'process.exit(parseInt(process.version.slice(1)) < 20 ? 1 : 0)' || version=4
  say "Installing $*"
  npm install --silent --no-fund --no-audit --prefix "$environment" \
    "${@/%http-proxy/http-proxy@$version}"
}

install_packages() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || stop "to install $*, run this as root or install sudo"
    as_root=(sudo)
  fi
  command -v apt-get >/dev/null || stop "there is no apt-get here: install $* yourself"
  "${as_root[@]}" apt-get update --quiet=2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes "$@"
}
