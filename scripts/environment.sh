# shellcheck shell=bash disable=SC2154 # whoever sources this sets $environment
# An environment of its own for the built wheel, with what extras of pyproject.toml bring; sourced by
# scripts/test, scripts/matrix and scripts/docs, which name its folder in $environment.

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
  say "Installing the wheel with $1"
  "$environment/bin/python" -m pip install --quiet ".[$1]"
  if [[ "$1" == *test-browser* ]]; then
    prepare_chromium
    prepare_axe
  fi
  if [[ "$1" == *test-hub* ]]; then prepare_hub_proxy; fi
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
  "$environment/bin/python" -m pip install --quiet --upgrade pip
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

prepare_chromium() {
  find_chromium && return
  say "Installing Debian's chromium"
  install_packages chromium
  find_chromium || stop "chromium was installed, but is not on the PATH"
}

find_chromium() { command -v chromium >/dev/null; }

# What comes from npm goes into the environment, where the tests look for it.
prepare_npm() {
  command -v npm >/dev/null || {
    say "Installing Debian's nodejs and npm"
    install_packages nodejs npm
  }
}

prepare_axe() {
  [ -f "$environment/node_modules/axe-core/axe.min.js" ] && return
  prepare_npm
  say "Installing axe-core"
  npm install --silent --no-fund --no-audit --prefix "$environment" axe-core@4
}

prepare_hub_proxy() {
  [ -x "$environment/node_modules/.bin/configurable-http-proxy" ] && return
  prepare_npm
  say "Installing JupyterHub's proxy"
  local version=5 # wants node 20
  node -e 'process.exit(parseInt(process.version.slice(1)) < 20 ? 1 : 0)' || version=4
  npm install --silent --no-fund --no-audit --prefix "$environment" \
    "configurable-http-proxy@$version"
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
