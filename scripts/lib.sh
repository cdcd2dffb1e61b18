# Shared by run, test and stack; sourced, never run. A script sets `usage` first, then calls
# parse_options. Progress goes to standard error; standard output carries the results.
# shellcheck shell=bash

set -euo pipefail
shopt -s inherit_errexit

root=$(cd -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/.." && pwd)
script=${0##*/}

# The options of all scripts, with their defaults. Each script takes the ones it knows.
# shellcheck disable=SC2034
{
  build_dir=$root/build/release
  jobs=$(nproc)
  data=''
  only=''
  port_offset=0
  replicas=1
  all=0
  detach=0
  empty=0
  follow=0
  profile=0
  words=() # the arguments that are no options
}

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$script: $*"
  exit 1
}

usage_error() {
  say "$script: $*"
  say "usage: ${usage:?}"
  exit 2
}

number() { # OPTION VALUE LOWEST HIGHEST
  if [[ ! $2 =~ ^[0-9]{1,6}$ ]] || ((10#$2 < $3 || 10#$2 > $4)); then
    usage_error "$1 takes a number from $3 to $4, not \"$2\""
  fi
  printf '%d\n' "$((10#$2))"
}

# parse_options ALLOWED ARGUMENT...: ALLOWED names the options of this script, with blanks between.
# Folders are taken relative to where the caller stands.
# shellcheck disable=SC2034 # the scripts read what it sets
parse_options() {
  local allowed=" $1 " option value
  shift
  while (($#)); do
    if [[ $1 != -* ]]; then
      words+=("$1")
      shift
      continue
    fi
    option=${1%%=*}
    if [[ $1 == --help || $1 == -h ]]; then
      printf 'usage: %s\n' "$usage"
      exit 0
    fi
    [[ $option != *' '* && $allowed == *" $option "* ]] || usage_error "unknown option \"$1\""
    case $option in
      --all | --detach | --empty | --follow | --profile)
        [[ $1 == "$option" ]] || usage_error "$option takes no value"
        printf -v "${option#--}" 1
        shift
        continue
        ;;
    esac
    if [[ $1 == *=* ]]; then
      value=${1#*=}
      shift
    else
      (($# >= 2)) || usage_error "$option needs a value"
      value=$2
      shift 2
    fi
    [[ -n $value ]] || usage_error "$option needs a value"
    case $option in
      --build-dir) build_dir=$(realpath -m -- "$value") ;;
      --only) only=$value ;;
      --data) data=$(realpath -m -- "$value") ;;
      --jobs) jobs=$(number --jobs "$value" 1 1024) ;;
      # Above 25000 the ports would fall among those that the kernel hands out by itself.
      --port-offset) port_offset=$(number --port-offset "$value" 0 25000) ;;
      # A fifth set of ports would fall on the HTTP port of the first.
      --replicas) replicas=$(number --replicas "$value" 1 4) ;;
      *) usage_error "unknown option \"$1\"" ;;
    esac
  done
}

# ---- packages -------------------------------------------------------------------------------

# Run as root, once: LOG PACKAGE... . Servers that come with the packages are not started: nobody
# asked for a PostgreSQL on 5432 or a Redis on 6379, and this project starts its own.
# shellcheck disable=SC2016 # the inner shell expands
install_as_root='
set -eu
log=$1; shift
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap "rm -f $policy" EXIT
  trap "exit 130" INT TERM HUP
  printf "#!/bin/sh\n# Left by an installation of uncac-assist that was cut off; may be removed.\nexit 101\n" >"$policy"
  chmod 755 "$policy"
fi
apt() {
  apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
    -o APT::Status-Fd=3 "$@" 3>&1 >>"$log" 2>&1
}
# An installation that was cut off before would make this one fail.
dpkg --configure -a >>"$log" 2>&1 || true
apt-get -s --no-install-recommends install "$@" >/dev/null 2>&1 || apt update
# An old list of packages names files that are no longer there: fetch it and try again.
apt install "$@" || { apt update; apt install "$@"; }
'

# Turns the status lines of apt into a line of progress for every tenth.
apt_progress() {
  local kind percent line last=''
  while IFS=: read -r kind _ percent _; do
    case $kind in
      dlstatus) line=downloading ;;
      pmstatus) line=installing ;;
      *) continue ;;
    esac
    line="  $line: $((10#${percent%%[.,]*} / 10 * 10)) %"
    [[ $line == "$last" ]] || say "$line"
    last=$line
  done
}

# install LIST...: installs what is missing of packages/LIST.txt. Asks dpkg first, so it costs
# nothing when all is there.
install() {
  local list wanted missing become=()
  wanted=$(for list in "$@"; do sed -e 's/#.*//' -e '/^ *$/d' "$root/scripts/packages/$list.txt"; done)
  command -v dpkg-query apt-get >/dev/null ||
    die "this script installs Debian packages, and this is no Debian. It needs: ${wanted//$'\n'/ }"
  # shellcheck disable=SC2086 # one word for each package
  missing=$(comm -23 <(sort -u <<<"$wanted") \
    <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^[ih]i *//p' | sort -u))
  [[ -n $missing ]] || return 0

  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "packages are missing, and this is neither root nor a user with sudo. As root:
  apt-get install --no-install-recommends ${missing//$'\n'/ }"
    become=(sudo)
    # Without a terminal sudo has nowhere to ask for a password and would only wait.
    (: </dev/tty) 2>/dev/null || become=(sudo -n)
  fi
  mkdir -p "$build_dir"
  local log=$build_dir/install.log
  : >"$log"
  say "installing $(wc -l <<<"$missing") packages: ${missing//$'\n'/ }"
  # shellcheck disable=SC2086 # one word for each package
  "${become[@]}" sh -c "$install_as_root" sh "$log" $missing </dev/null | apt_progress || {
    tail -n 15 "$log" >&2
    die "could not install the packages; all of it is in $log"
  }
}

# ---- build ----------------------------------------------------------------------------------

# configure ARGUMENT...: a new build folder becomes what the preset `release` makes; one that is
# already there keeps what it was set up with, except for the arguments.
configure() {
  local log=$build_dir/configure.log new=()
  [[ -e $build_dir/CMakeCache.txt ]] ||
    new=(-G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_EXPORT_COMPILE_COMMANDS=ON)
  say "configuring $build_dir"
  cmake -S "$root" -B "$build_dir" "${new[@]}" "$@" >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    die "could not configure; all of it is in $log"
  }
}

configured() { # VARIABLE=VALUE: is the build folder set up with it?
  [[ -e $build_dir/build.ninja ]] && grep -q "^${1%%=*}:[A-Z]*=${1#*=}\$" "$build_dir/CMakeCache.txt"
}

# build TARGET...
build() {
  say "building in $build_dir"
  cmake --build "$build_dir" --parallel "$jobs" --target "$@" >&2 || die "the build failed"
}

# with_web LIST...: the lists, and that of the dashboard's tools unless the machine has its own.
with_web() {
  printf '%s\n' "$@"
  command -v npm >/dev/null || echo web
}

# build_web: the dashboard's files in BUILD_DIR/web, from the sources as they are. Compiled in a copy
# of them, so that the checkout stays as it is.
build_web() {
  local sources
  mapfile -t sources < <(cd "$root" && find services/gateway/web proto -type f \
    -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/generated/*' | LC_ALL=C sort)
  make_once 'the dashboard' "$build_dir/web" "${sources[@]/#/$root/}" -- compile_web "${sources[@]}"
}
# shellcheck disable=SC2317 # make_once calls it
compile_web() { # SOURCE...
  local work=$build_dir/web-work from
  from=$work/services/gateway/web
  mkdir -p "$work"
  find "$work" -name node_modules -prune -o -type f -exec rm -f {} +
  tar -C "$root" -cf - "$@" | tar -C "$work" -xf -
  # Fetching them again takes longer than all the rest.
  if ! cmp -s "$from/package-lock.json" "$from/node_modules/.made-of"; then
    npm ci --prefix "$from" --no-audit --no-fund
    cp "$from/package-lock.json" "$from/node_modules/.made-of"
  fi
  npm run --prefix "$from" build
  mkdir "$build_dir/web"
  cp -r "$from/dist/." "$build_dir/web/"
}

# Two of our scripts that build in one folder at once would spoil each other's files.
lock_build() {
  mkdir -p "$build_dir"
  exec 7>>"$build_dir/.scripts-lock"
  flock -n 7 || {
    say "waiting for another build in $build_dir"
    flock 7
  }
}
unlock_build() { exec 7>&-; }

# fetch_kafka: the broker's jars, once, in a folder that all build folders beside it share. Sets
# `kafka_home`.
fetch_kafka() {
  local pom=$root/deploy/kafka/pom.xml parent version log
  version=$(sed -n 's:.*<kafka\.version>\(.*\)</kafka\.version>.*:\1:p' "$pom")
  parent=$(dirname -- "$build_dir")
  kafka_home=$parent/kafka-$version
  # The copy of the pom is written last: it says that the jars are complete, and of which pom.
  ! cmp -s "$pom" "$kafka_home/pom.xml" || return 0
  mkdir -p "$parent"
  exec 6>>"$kafka_home.lock"
  flock 6
  if ! cmp -s "$pom" "$kafka_home/pom.xml"; then
    log=$kafka_home.log
    say "fetching Apache Kafka $version and what it needs, about 55 MB"
    rm -rf "$kafka_home"
    mvn -B -ntp -f "$pom" dependency:copy-dependencies "-DoutputDirectory=$kafka_home" \
      >"$log" 2>&1 </dev/null || {
      tail -n 15 "$log" >&2
      die "could not fetch Apache Kafka; all of it is in $log"
    }
    cp "$pom" "$kafka_home/pom.xml"
  fi
  exec 6>&-
}

# make_once NAME OUTPUT INPUT... -- COMMAND...: runs the command unless OUTPUT was made of the same
# inputs before.
make_once() {
  local name=$1 output=$2 inputs=() log=$2.log
  shift 2
  while [[ $1 != -- ]]; do
    inputs+=("$1")
    shift
  done
  shift
  # The copy is written last: it says that the output is complete.
  ! cmp -s <(cat "${inputs[@]}") "$output/made-of" || return 0
  say "making $name"
  rm -rf "$output"
  "$@" >"$log" 2>&1 </dev/null || {
    tail -n 15 "$log" >&2
    die "could not make $name; all of it is in $log"
  }
  cat "${inputs[@]}" >"$output/made-of"
}

# make_test_folder: a TMPDIR of the caller's own for the temporary files of tests. PostgreSQL refuses
# to run as root, so its tests run it as another user, who must be able to come here: TMPDIR may be
# root's own.
make_test_folder() {
  ((EUID != 0)) || unset TMPDIR
  TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/uncac-test.XXXXXX")
  chmod 711 "$TMPDIR"
  export TMPDIR
}

# ---- processes and ports --------------------------------------------------------------------

# born PID: when the process started, in ticks since the machine did; fails when it has ended.
# A process id is used again one day; together with this number it never is.
born() {
  local stat fields
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  read -ra fields <<<"${stat##*) }"
  [[ ${fields[0]} != [ZX] ]] || return 1
  printf '%s\n' "${fields[19]}"
}

alive() { born "$1" >/dev/null; }

# launch KEEP LOG COMMAND...: starts a process that outlives this script, in a session of its own so
# that Ctrl-C does not reach it, and sets `launched` to its id. Of the open files it gets KEEP only
# (a number, or -): a caller that waits for the end of a pipe would wait for this process too.
launch() {
  local keep=$1 log=$2
  shift 2
  (
    for file in /proc/self/fd/*; do
      fd=${file##*/}
      case $fd in
        0 | 1 | 2 | 255 | "$keep") ;; # 255 is bash's own and is closed by itself
        *) exec {fd}>&- ;;
      esac
    done
    exec setsid nohup "$@"
  ) </dev/null >"$log" 2>&1 &
  # shellcheck disable=SC2034
  launched=$!
}

answers() { (exec 8<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; } # PORT

ready() { # HEALTH-PORT: does /readyz say 200? No curl, so that nothing must be installed for it.
  (
    exec 8<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf 'GET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&8
    read -r -t 2 line <&8 || true
    [[ $line == HTTP/*' 200 '* ]]
  ) 2>/dev/null
}

require_free_ports() { # PORT...
  local port
  for port in "$@"; do
    ! answers "$port" ||
      die "port $port of 127.0.0.1 is taken by another program: end that one, or choose other ports with --port-offset N"
  done
}

# wait_for NAME PID LIMIT LOG CHECK...: until CHECK succeeds. Fails, with the log's end, when the
# process ends first or LIMIT seconds have passed.
wait_for() {
  local name=$1 pid=$2 limit=$3 log=$4 start=$SECONDS told=0 waited
  shift 4
  say "waiting for $name"
  until "$@"; do
    waited=$((SECONDS - start))
    if ! alive "$pid"; then
      say "$script: $name ended before it was ready. The end of $log:"
      tail -n 20 "$log" >&2
      return 1
    elif ((waited >= limit)); then
      say "$script: $name was not ready within $limit s. The end of $log:"
      tail -n 20 "$log" >&2
      return 1
    elif ((waited >= told + 5)); then
      told=$waited
      say "  $name: $waited s of at most $limit s"
    fi
    sleep 0.1
  done
}

# end_process NAME PID SIGNAL LIMIT: asks, waits, and kills what does not go.
end_process() {
  local start=$SECONDS
  kill "-$3" "$2" 2>/dev/null || true
  while alive "$2"; do
    if ((SECONDS - start >= $4)); then
      say "  $1 (pid $2) did not end within $4 s and is killed"
      kill -KILL "$2" 2>/dev/null || true
    fi
    # Ctrl-C ends the sleep too, and must not end the clearing up.
    sleep 0.05 || true
  done
}

# ---- the exercise set-up --------------------------------------------------------------------

# make_identities: keys and tokens of the exercise set-up under DATA, and the key of its sessions. A
# deployment has an identity provider instead.
make_identities() {
  (umask 077 && mkdir -p "$data/keys" "$data/tokens")
  if [[ ! -s $data/keys/token-signing.pem || ! -s $data/keys/token-verify.pem ]]; then
    "$build_dir/bin/uncac" exercise keys --out "$data/keys" >&2 || die "could not make the keys"
  fi
  [[ -s $data/keys/session.key ]] ||
    (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$data/keys/session.key")
  # Leaves tokens alone that are still valid.
  "$build_dir/bin/uncac" exercise tokens --key "$data/keys/token-signing.pem" \
    --out "$data/tokens" >&2 || die "could not make the tokens"
}

# load_exercise SERVER: submits the exercise responses unless this store has them. Submitting them
# again would change nothing; the marker with the file's checksum only saves the time.
load_exercise() {
  local file=$data/exercise-responses.csv marker=$data/exercise-loaded
  ! sha256sum --check --status "$marker" 2>/dev/null || return 0
  rm -f "$marker"
  say "making the exercise responses"
  "$build_dir/bin/uncac" exercise responses --seed 2009 --out "$file" >&2 || return 1
  say "loading the exercise responses"
  "$build_dir/bin/uncac" --server "$1" --token "$data/tokens/secretariat.jwt" \
    response submit "$file" --exercise >&2 || return 1
  # The public is answered once all of it is on the log.
  local start=$SECONDS
  until "$build_dir/bin/uncac" --server "$1" needs list --where state=KEN >/dev/null 2>&1; do
    ((SECONDS - start < 60)) || return 1
    sleep 0.2
  done
  sha256sum "$file" >"$marker"
}

print_paste_lines() {
  cat <<TEXT

To use the command line in another terminal, paste:
export PATH="$build_dir/bin:\$PATH"
export UNCAC_TOKEN="$data/tokens/secretariat.jwt"
TEXT
  ((port_offset == 0)) || printf 'export UNCAC_SERVER="127.0.0.1:%d"\n' "$((7400 + port_offset))"
}
