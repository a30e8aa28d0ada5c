CREATE DATABASE IF NOT EXISTS fate_flow CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS 'fate'@'%' IDENTIFIED BY '@@secret:database-password@@';
ALTER USER 'fate'@'%' IDENTIFIED BY '@@secret:database-password@@';
GRANT ALL ON fate_flow.* TO 'fate'@'%';
