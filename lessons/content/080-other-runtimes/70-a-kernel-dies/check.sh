for name in usual quick strict; do
  docker inspect $name >/dev/null 2>&1 || hint "The container $name is missing. Go back to the step \"Let Docker choose\" and start it."
done
read -r runtime status started finished <<<"$(docker inspect -f '{{.HostConfig.Runtime}} {{.State.Status}} {{.State.StartedAt}} {{.State.FinishedAt}}' strict)"
[ "$runtime" = runsc ] || hint "strict has the runtime $runtime, so it has no kernel of its own. Remove it with: docker rm -f strict, and start it with --runtime runsc."
case $status in
  running) ;;
  exited) hint "The kernel of strict is dead. Look at the neighbours, then start it again: docker start strict" ;;
  *) hint "strict is $status. Start it: docker start strict" ;;
esac
case $finished in
  0001-*) hint "strict still has its first kernel. Shoot it: kill -9 \$(docker inspect -f '{{.State.Pid}}' strict)" ;;
esac
for name in usual quick; do
  [ "$(docker inspect -f '{{.State.Running}}' $name)" = true ] || hint "strict is back, but $name does not run. It should have lived on. Start it: docker start $name"
done
