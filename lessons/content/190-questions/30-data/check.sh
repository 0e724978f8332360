docker volume inspect talk >/dev/null 2>&1 ||
  hint "There is no volume talk yet. It is made by: docker run -d --name store2 -v talk:/data redis:8.0"
user=$(docker ps --quiet --filter volume=talk | head -n 1)
[ -n "$user" ] || hint "No running container uses the volume talk: docker run -d --name store3 -v talk:/data redis:8.0"
file=$(docker volume inspect -f '{{.Mountpoint}}' talk)/dump.rdb
[ -s "$file" ] || hint "The volume holds no data yet. Set something and save it: docker exec store2 redis-cli save"
began=$(date -d "$(docker inspect -f '{{.State.StartedAt}}' "$user")" +%s%N)
written=$(stat -c %.9Y "$file")
[ "${written/./}" -lt "$began" ] ||
  hint "The data are there, written by the container that runs now. Remove it and start another on the same volume."
said=$(docker exec "$user" redis-cli dbsize </dev/null)
[ "$said" -gt 0 ] 2>/dev/null || hint "The new container finds nothing in it. Are the data in /data? docker inspect $user"
