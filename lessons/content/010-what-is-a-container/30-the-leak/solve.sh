chroot ~/box /bin/hostname leaky
