tool=/usr/local/bin/cri
[ -s $tool ] || hint "The script is missing: save the file /usr/local/bin/cri."
[ -x $tool ] || hint "The script may not be run. Save it once more, or: chmod 755 /usr/local/bin/cri"
said=$(timeout 5 $tool RuntimeService/Version 2>&1)
case $said in
  *runtimeApiVersion*) exit 0 ;;
  *"import path"* | *"no such file"*.proto*) hint "grpcurl does not find the contract. Compare the options -import-path and -proto in your script with the ones here." ;;
  *dial* | *connect*) hint "Nobody answers at that socket. Compare the address in your script with the one here; is containerd there? lab-ctl status containerd" ;;
  *) hint "The script says: $(head -n 1 <<<"$said" | cut -c 1-150). Compare it with the one here, and save it again." ;;
esac
