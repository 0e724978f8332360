board=$(kubectl get configmap board -o json 2>/dev/null) || hint "There is no board yet. Begin with: kubectl create configmap board --from-literal=monday=Ada"
names=$(jq -r '.data // {} | [(.monday // "-"), (.tuesday // "-"), (.wednesday // "-")] | join(" ")' <<<"$board")
case $names in
  *" - -") hint "Only Monday is on the board. Let your colleague enter Tuesday: kubectl patch configmap board -p '{\"data\":{\"tuesday\":\"Linus\"}}'" ;;
  *" - "*) hint "Wednesday is there, and Tuesday is lost: your copy was the older one. Let your colleague enter it again, then fetch, change and PUT." ;;
  *" -")
    [ -s ~/mine.json ] && hint "Tuesday is there, Wednesday is not: your PUT was refused. Fetch the newest, and change that: the last block."
    hint "Tuesday is there. Now put your own copy, with Wednesday in it: the block with PUT."
    ;;
  "- "*) hint "Monday has gone from the board. Put it back: kubectl patch configmap board -p '{\"data\":{\"monday\":\"Ada\"}}'" ;;
esac
