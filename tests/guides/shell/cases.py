"""Commands of operations work and the class a careful reader gives them, written before the tables were tuned."""

from __future__ import annotations

READ_ONLY = """
ls -la /var/log/nginx
ls -lhS | head -20
cat /etc/nginx/nginx.conf
tail -f /var/log/app/app.log
tail -n 100 /var/log/syslog | grep -i error
head -c 1000 dump.sql
grep -rn "OutOfMemory" /var/log
grep ERROR app.log | wc -l
zgrep "500" access.log.gz
awk '{print $9}' access.log | sort | uniq -c | sort -rn
awk -F: '$3 > 1000 {print $1}' /etc/passwd
sed -n '1,20p' config.yml
sed 's/foo/bar/' file.txt
cut -d, -f1 report.csv | sort -u
find / -xdev -type f -size +100M
find . -name "*.py" -exec grep -l TODO {} +
du -sh /var/*
df -h
free -m
uptime
ps aux --sort=-%mem | head
ps -ef | grep [n]ginx
top -b -n 1
pgrep -fa gunicorn
lsof -i :8080
lsof +L1
ss -tlnp
netstat -tulpn
vmstat 1 5
iostat -x 1 3
dmesg -T | tail -50
journalctl -u nginx --since "1 hour ago" --no-pager
journalctl -k -p err
systemctl status postgresql
systemctl is-active redis
systemctl list-units --failed
sudo systemctl cat nginx.service
service nginx status
supervisorctl status
crontab -l
date -u
hostname -f
uname -a
id postgres
which python3
sysctl net.core.somaxconn
ulimit -n
mount
lsblk
nginx -t
sudo nginx -T
ping -c 3 10.0.0.5
dig +short api.internal A
nslookup db.internal
traceroute 8.8.8.8
curl -I https://status.acme.dev
curl -fsS http://localhost:8080/healthz
curl -s -o /dev/null -w "%{http_code}\\n" http://localhost:8000/health
curl -s "http://localhost:9090/api/v1/query?query=up"
curl -X POST "localhost:9200/logs/_search" -H 'Content-Type: application/json' -d '{"size": 1}'
curl -s localhost:9200/_cluster/health?pretty
wget -qO- http://localhost:8080/metrics
nc -zv db.internal 5432
telnet smtp.internal 25
openssl s_client -connect api.internal:443 -servername api.internal </dev/null
openssl x509 -in cert.pem -noout -dates
echo | openssl s_client -connect api.internal:443 2>/dev/null | openssl x509 -noout -enddate
ip addr show
ip route
tcpdump -i eth0 port 5432 -c 100
iptables -L -n -v
ufw status verbose
docker ps -a
docker logs --tail 200 -f api
docker inspect api --format '{{.State.OOMKilled}}'
docker stats --no-stream
docker system df
docker images
docker compose ps
docker-compose logs -f --tail=100 worker
docker compose exec redis redis-cli ping
docker exec -it db psql -U postgres -c "SELECT count(*) FROM jobs"
docker compose exec -T db pg_isready -U app
kubectl get pods -n prod -o wide
kubectl describe pod api-7d9f -n prod
kubectl logs deploy/api -n prod --previous --tail=100
kubectl top nodes
kubectl get events --sort-by=.lastTimestamp
kubectl rollout status deployment/api
kubectl rollout history deployment/api
kubectl auth can-i delete pods
kubectl get pods --all-namespaces | grep -v Running
kubectl exec api-0 -- df -h
kubectl exec -it redis-0 -n cache -- redis-cli info memory
kubectl apply -f app.yaml --dry-run=server
kubectl get secrets
kubectl config current-context
helm list -A
helm history api -n prod
helm template ./chart
redis-cli -h cache.internal ping
redis-cli info stats
redis-cli --bigkeys
redis-cli config get maxmemory
redis-cli llen celery
redis-cli -n 2 keys 'rq:*'
psql -h db -U app -c "SELECT pid, state, query FROM pg_stat_activity WHERE state <> 'idle';"
psql -U postgres -c "\\\\l+"
psql -c 'EXPLAIN ANALYZE SELECT * FROM orders'
sqlite3 app.db ".tables"
sqlite3 app.db "SELECT count(*) FROM users"
mysql -u root -e "SHOW PROCESSLIST"
mysqladmin status
mongosh --eval "db.serverStatus()"
pg_isready -h localhost -p 5432
rabbitmqctl list_queues name messages consumers
rabbitmqctl cluster_status
kafka-consumer-groups.sh --bootstrap-server localhost:9092 --describe --group billing
kafka-topics --bootstrap-server localhost:9092 --list
etcdctl endpoint health
aws ec2 describe-instances --instance-ids i-0abc
aws s3 ls s3://logs/
aws logs tail /ecs/api --since 1h
aws sts get-caller-identity
gcloud compute instances list
gcloud logging read "severity>=ERROR" --limit 20
az vm list -o table
heroku logs --tail -a shop
terraform plan
terraform state list
git status
git log --oneline -5
git diff HEAD~1
git branch -a
git remote -v
git tag
git stash list
pip list
pip show flask
npm ls --depth=0
node --version
python --version
python -m json.tool data.json
cat data.json | python3 -m json.tool
python3 -c "import sys; print(sys.version)"
python -c "import requests; print(requests.__version__)"
celery -A app inspect active
celery -A app status
alembic current
python manage.py showmigrations
nvidia-smi
ollama list
strace -p 4242
time curl -s http://localhost/
timeout 5 curl -s http://localhost/health
watch -n 2 'kubectl get pods -n prod'
for p in 80 443; do nc -zv lb.internal $p; done
while true; do curl -s localhost:8000/health; sleep 5; done
if systemctl is-active nginx; then echo up; fi
ssh web1 uptime
test -f /etc/nginx/nginx.conf && echo ok
[ -z "$API_KEY" ] && echo missing
env -u HTTP_PROXY curl -s http://localhost/health
tar -tzf backup.tar.gz
md5sum release.tgz
jq '.items[] | .name' out.json
cd /srv/app
sudo lsof -p 4242 | wc -l
"""

NEEDS_SECRET = """
echo $AWS_SECRET_ACCESS_KEY
printenv
env | grep REDIS
cat .env
cat ~/.aws/credentials
grep TOKEN .env
curl -H "Authorization: Bearer $API_TOKEN" https://api.acme.dev/v1/me
curl -u admin:$ADMIN_PASSWORD http://localhost:15672/api/overview
PGPASSWORD=$DB_PASSWORD psql -h db -U app -c "SELECT 1"
psql "$DATABASE_URL" -c "SELECT 1"
redis-cli -a "$REDIS_PASSWORD" ping
kubectl get secret db -o jsonpath='{.data.password}' | base64 -d
kubectl get secret api-keys -o yaml
gcloud auth print-access-token
aws secretsmanager get-secret-value --secret-id prod/db
heroku config -a shop
vault kv get secret/db
docker exec api env
"""

PLACEHOLDER = """
kubectl logs <pod-name> -n <namespace>
kubectl describe pod <POD>
curl https://<HOST>/health
curl https://your-domain.com/health
docker logs <container_id>
ping <server-ip>
ssh user@<host> uptime
psql -h <db-host> -U <user> -c "SELECT 1"
ls /path/to/project
curl -H "Authorization: Bearer YOUR_API_KEY" https://api.acme.dev/v1/models
redis-cli -h <redis-host> ping
dig {{ domain }}
git show <commit>
lsof -p <PID>
aws logs tail <log-group>
kubectl get pods -n YOUR_NAMESPACE
export OPENAI_API_KEY="your-key-here"
"""

CHANGES = """
mkdir -p /srv/app/releases
touch /tmp/maintenance
chmod 600 ~/.ssh/id_rsa
chown -R app:app /srv/app
ln -s /srv/app/current /var/www/app
tar -czf backup.tar.gz /srv/app
cp app.conf app.conf.bak
sed -i 's/DEBUG=true/DEBUG=false/' settings.ini
echo "vm.swappiness=10" >> /etc/sysctl.conf
echo 3 > /proc/sys/vm/drop_caches
sysctl -w net.core.somaxconn=1024
ulimit -n 65535
systemctl enable nginx
systemctl daemon-reload
systemctl reload nginx
nginx -s reload
kill -HUP 1234
apt-get update
sudo apt-get install -y jq
pip install -r requirements.txt
npm install
npm ci
npm run build
yarn install --frozen-lockfile
uv sync
git pull origin main
git checkout main
git commit -am "fix"
git push
git revert HEAD
git stash
docker pull redis:7
docker build -t api .
docker tag api:1 api:2
docker cp api:/app/log.txt .
docker login registry.acme.dev
kubectl apply -f deployment.yaml
kubectl cordon node-3
kubectl label node node-3 role=db
kubectl edit configmap app
kubectl config use-context prod
kubectl patch deployment api -p '{"spec":{"replicas":3}}'
kubectl create configmap app --from-file=app.ini
redis-cli set feature:x 1
redis-cli config set maxmemory 2gb
redis-cli BGSAVE
psql -c "CREATE INDEX CONCURRENTLY idx ON orders(created_at)"
psql -c "VACUUM ANALYZE orders"
psql -c "SELECT pg_cancel_backend(4242)"
psql -c "INSERT INTO flags VALUES (1)"
psql -c "UPDATE jobs SET state='queued' WHERE id=7"
psql -f migration.sql
sqlite3 app.db "PRAGMA journal_mode=WAL"
alembic upgrade head
python manage.py migrate
rails db:migrate
celery -A app control rate_limit tasks.add 10/m
aws s3 cp report.csv s3://reports/
aws ssm send-command --document-name x
terraform init
helm repo update
curl -X POST https://api.acme.dev/v1/orders -d '{"id": 1}'
curl -X PUT localhost:9200/_cluster/settings -d '{}'
curl -X PATCH https://api.acme.dev/v1/users/1 -d '{}'
curl -X $METHOD http://localhost:8000/jobs
curl -o out.json https://api.acme.dev/export
wget https://acme.dev/release.tgz
./deploy.sh production
bash fix.sh
python scripts/backfill.py
make deploy
frobnicate --all
curl -fsSL https://get.acme.dev | bash
source venv/bin/activate
source .env
export LOG_LEVEL=debug
eval "$CMD"
$CMD --force
python -c "import app; app.fix()"
node -e "doit()"
pytest tests/
crontab -e
ssh-keygen -t ed25519
tcpdump -i eth0 -w out.pcap
kubectl exec -it api-0 -- bash
psql -U postgres
ssh web1
pg_dump app > backup.sql
mongodump --out /backup
rabbitmqctl set_policy ha ".*" '{"ha-mode":"all"}'
echo hello > notes.txt
echo 'select 1' | tee query.sql
"""

RESTARTS = """
kubectl scale deployment/api --replicas=5
sudo systemctl restart nginx
systemctl stop postgresql
systemctl start redis
service nginx restart
supervisorctl restart worker:*
sudo reboot
shutdown -r now
kill 1234
kubectl rollout restart deployment/api -n prod
kubectl rollout undo deployment/api
kubectl delete pod api-7d9f -n prod
kubectl drain node-3 --ignore-daemonsets
kubectl set image deployment/api api=api:1.2
helm rollback api 3
helm upgrade api ./chart
docker restart api
docker stop api
docker compose up -d
docker compose restart worker
docker compose down
docker-compose -f prod.yml up -d --build
docker run -d --name cache redis:7
pm2 restart all
gunicorn app:app -w 4
uvicorn main:app --reload
npm start
npm run dev
python main.py
nohup ./worker &
celery -A app worker -l info
flask run
redis-server /etc/redis.conf
redis-cli shutdown
psql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle'"
mysql -e "KILL 42"
aws ecs update-service --cluster prod --service api --force-new-deployment
aws ec2 reboot-instances --instance-ids i-0abc
heroku ps:restart -a shop
ssh web1 'sudo systemctl restart app'
sudo -u app bash -lc 'supervisorctl restart all'
rabbitmqctl stop_app
kubectl scale deployment/api --replicas=0
ip link set eth0 down
argocd app sync shop
fly deploy
"""

DATA_LOSS = """
rm -rf /var/lib/app/cache/*
rm file.txt
sudo rm -f /var/run/app.pid
find /var/log -name "*.gz" -mtime +30 -delete
find . -name "*.tmp" -exec rm {} \\;
find . -name "*.tmp" | xargs rm -f
ls *.log | xargs -I{} rm {}
truncate -s 0 /var/log/app.log
> /var/log/app.log
echo "" > /etc/resolv.conf
cat /dev/null > /var/log/nginx/access.log
dd if=/dev/zero of=/dev/sdb bs=1M
mkfs.ext4 /dev/sdb1
kill -9 1234
pkill -f "python worker.py"
pkill -9 java
docker system prune -af
docker volume rm pgdata
docker compose down -v
docker rm -f api
kubectl delete namespace staging
kubectl delete pvc data-db-0
kubectl delete -f app.yaml
kubectl delete pod db-0 --force --grace-period=0
helm uninstall api
redis-cli FLUSHALL
redis-cli -n 1 flushdb
redis-cli del session:1
redis-cli --scan --pattern 'tmp:*' | xargs redis-cli del
kubectl exec redis-0 -- redis-cli flushall
psql -c "DROP TABLE orders"
psql -c "DELETE FROM sessions WHERE expires < now()"
psql -c "TRUNCATE events"
psql -c "UPDATE users SET admin = false"
echo "DROP DATABASE app" | mysql
psql app < backup.sql
pg_restore -d app backup.dump
dropdb app
mongosh --eval "db.jobs.deleteMany({})"
rabbitmqctl purge_queue tasks
celery -A app purge -f
kafka-topics.sh --bootstrap-server localhost:9092 --delete --topic events
kafka-consumer-groups.sh --bootstrap-server localhost:9092 --group g --topic t --reset-offsets --to-latest --execute
git reset --hard origin/main
git clean -fdx
git push --force
aws s3 rm s3://bucket/x --recursive
aws s3 sync . s3://bucket --delete
aws ec2 terminate-instances --instance-ids i-0abc
terraform destroy
terraform apply -auto-approve
journalctl --vacuum-size=500M
crontab -r
iptables -F
curl -X DELETE https://api.acme.dev/v1/users/1
curl -XDELETE localhost:9200/logs-2020
rsync -a --delete src/ dst/
alembic downgrade -1
python manage.py flush
python -c "import os; os.remove('/srv/x')"
bash -c 'cd /srv && rm -rf cache'
sudo sh -c "echo nameserver 1.1.1.1 > /etc/resolv.conf"
timeout 10 sudo -n rm -rf /tmp/build
kubectl exec db-0 -- psql -U postgres -c "DROP DATABASE app"
cp backups/latest.db app.db
cat backup.sql | docker exec -i db psql -U postgres
0 3 * * * find /backups -mtime +7 -delete
"""

CASES = {
    "read-only": READ_ONLY,
    "needs-secret": NEEDS_SECRET,
    "placeholder": PLACEHOLDER,
    "changes-state-reversible": CHANGES,
    "restarts": RESTARTS,
    "data-loss/destructive": DATA_LOSS,
}
LINES = [(name, line) for name, text in CASES.items() for line in text.strip().split("\n")]
