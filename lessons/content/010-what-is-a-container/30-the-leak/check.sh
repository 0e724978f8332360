[ "$(hostname)" = leaky ] && exit 0
[ -x ~/box/bin/hostname ] || [ -L ~/box/bin/hostname ] || hint "The box from the step before is missing; make it first."
hint "This machine is still called $(hostname). Rename it from inside the box: chroot ~/box /bin/hostname leaky"
