config=~/bundle/config.json
[ -e $config ] || hint "The bundle is missing. Go back to the first step and make it."
redo="replace the container: runc delete -f mine; cd ~/bundle && runc run -d mine </dev/null >/dev/null 2>&1"
again="then $redo"
pid=$(runc state mine 2>/dev/null | jq 'select(.status == "running").pid')
[ -n "$pid" ] || hint "The container mine does not run. Start it: runc delete -f mine; cd ~/bundle && runc run -d mine </dev/null >/dev/null 2>&1"
# A limit as the kernel has it, "max" for none: limit CONTROLLER FILE-OF-V1 FILE-OF-V2
limit() {
  local folder
  if [ -d /sys/fs/cgroup/memory ]; then
    folder=$1$(sed -nE "s/^[0-9]+:([^:]*,)?$1(,[^:]*)?://p" "/proc/$pid/cgroup") file=$2
  else
    folder=$(sed -n 's/^0:://p' "/proc/$pid/cgroup") file=$3
  fi
  cat "/sys/fs/cgroup/$folder/$file" 2>/dev/null || echo max
}
memory=$(limit memory memory.limit_in_bytes memory.max)
pids=$(limit pids pids.max pids.max)
asked() { jq -e "$1" $config >/dev/null 2>&1; }
if [ "$memory" = max ] || [ "$memory" -gt 1000000000000 ]; then
  asked .linux.resources.memory.limit && hint "config.json has a memory limit, and the container that runs is older. So $redo"
  hint "The kernel knows no memory limit for mine. Write .linux.resources.memory = {limit: 33554432} into config.json, $again"
fi
[ "$memory" -le 134217728 ] || hint "mine may fill $memory bytes; that is not little. Write 33554432 as .linux.resources.memory.limit into config.json, $again"
if [ "$pids" = max ]; then
  asked .linux.resources.pids.limit && hint "config.json has a limit for processes, and the container that runs is older. So $redo"
  hint "Memory is limited, the number of processes is not. Write .linux.resources.pids = {limit: 10} into config.json, $again"
fi
