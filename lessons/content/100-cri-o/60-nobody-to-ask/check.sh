held() { # held NAME: whether the container runs as a child of a conmon
  local pid; pid=$(crun state "$1" 2>/dev/null | jq -r 'select(.status == "running") | .pid')
  [ -n "$pid" ] && [ "$(cat "/proc/$(ps -o ppid= -p "$pid" | tr -d ' ')/comm" 2>/dev/null)" = conmon ]
}
if ! held ask; then
  case $(crun state ask 2>/dev/null | jq -r .status) in
    "") hint "There is no container ask. Start it as attempt 1: hold ask 1 && crun start ask" ;;
    created) hint "ask is created, and waits. Give it the word: crun start ask" ;;
    stopped) hint "ask has ended, and its note is still there. Throw it away: crun delete ask, then hold ask 1 && crun start ask" ;;
    *) hint "ask runs, but no conmon holds it. Remove it with: crun delete -f ask, then hold ask 1 && crun start ask" ;;
  esac
fi
held web || hint "ask runs, but web does not, or nobody holds it. Begin it again: crun delete -f web, then hold web && crun start web"
state=$(docker inspect -f '{{.State.Status}} {{.State.Pid}}' shop 2>/dev/null) || hint "Two conmons are there. Now a shim beside them: docker run -d --name shop busybox:1 httpd -f -p 80 -h /etc"
[ "${state% *}" = running ] || hint "The container shop is ${state% *}. Start it again: docker start shop"
