cat /usr/local/bin/api
api GET /version
