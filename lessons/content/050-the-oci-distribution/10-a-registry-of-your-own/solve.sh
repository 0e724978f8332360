setsid docker-registry serve ~/registry.yml >~/registry.log 2>&1 </dev/null &
until curl -sf localhost:5000/v2/; do sleep 0.2; done
