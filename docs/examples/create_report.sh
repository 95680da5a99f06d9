#!/usr/bin/env bash
# Makes a coverage report of the links it is given, and saves the report as report.html.
#
#   export COVERAGEREPORT_URL=http://127.0.0.1:8000 COVERAGEREPORT_API_KEY=cr_live_…
#   docs/examples/create_report.sh https://news.example/one https://news.example/two
#
# It needs curl, and python3 to read and write JSON.
set -euo pipefail

: "${COVERAGEREPORT_URL:?is not set: the address of the server}"
: "${COVERAGEREPORT_API_KEY:?is not set: an API key, cr_live_…}"
if [ $# -eq 0 ]; then
  echo "Usage: $0 LINK…" >&2
  exit 2
fi

api="${COVERAGEREPORT_URL%/}/api/v1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# In a file, because everybody on this machine can read the arguments of a command.
printf 'X-API-Key: %s\n' "$COVERAGEREPORT_API_KEY" >"$work/key"

# call <file for the body> <path> [option of curl…]: one request, sent again after as long as a 429 asks for.
call() {
  local body=$1 path=$2 status seconds
  shift 2
  while true; do
    status=$(curl --silent --show-error --header "@$work/key" --dump-header "$work/head" --output "$body" \
      --write-out '%{http_code}' "$@" "$api$path")
    [ "$status" = 429 ] || break
    seconds=$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]*\).*/\1/p' "$work/head")
    echo "The server asks to wait ${seconds:=60} s …"
    sleep "$seconds"
  done
  if [ "$status" -ge 400 ]; then
    echo "$(field "$body" error) (status $status)" >&2
    exit 1
  fi
}

# field <file> <name…>: a value of the JSON in the file.
field() {
  python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
for name in sys.argv[2:]:
    value = value[name]
print(value)' "$@"
}

call "$work/balance" /credits/balance
echo "Credits: $(field "$work/balance" balance)"

python3 -c 'import json, sys; print(json.dumps({"urls": sys.argv[1:], "reportName": "My first report"}))' "$@" \
  >"$work/request"
call "$work/report" /reports --header 'Content-Type: application/json' --data "@$work/request"
id=$(field "$work/report" id)
echo "Report $id of $(field "$work/report" urlCount) links, for $(field "$work/report" creditsUsed) credits"

while true; do
  call "$work/report" "/reports/$id"
  status=$(field "$work/report" status)
  echo "Status: $status"
  [ "$status" = processing ] || break
  sleep 2
done

if [ "$status" != completed ]; then
  field "$work/report" error >&2
  exit 1
fi
echo "Screenshots: $(field "$work/report" stats screenshots) of $(field "$work/report" stats totalLinks)"
echo "To share: $(field "$work/report" shareUrl)"
call report.html "/reports/$id/html"
echo "Saved as report.html"
