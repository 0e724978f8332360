docker run -d --name redis redis:8.0 --maxmemory 32mb
