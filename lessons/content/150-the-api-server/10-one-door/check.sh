tool=/usr/local/bin/api
[ -e $tool ] || hint "Your tool is missing: save the file /usr/local/bin/api."
[ -x $tool ] || hint "The file is there, but it is no program yet: chmod 755 /usr/local/bin/api"
answer=$(timeout 3 $tool GET /version </dev/null 2>/dev/null)
case $answer in
  *'"gitVersion"'*) exit 0 ;;
  *Unauthorized*) hint "The API server does not know who asks: 401. The tool must show a certificate: --cert \$pki/admin.crt --key \$pki/admin.key" ;;
  *forbidden*) hint "The API server knows who asks and does not let them: 403. Take the administrator's certificate, admin.crt." ;;
  "") hint "The tool says nothing. Try it by hand, and see what curl complains of: api GET /version --show-error" ;;
  *) hint "The tool does not bring what is at /version. Compare it with the text here: api GET /version" ;;
esac
