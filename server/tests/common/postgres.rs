//! A real PostgreSQL on a socket of its own, in a folder of its own, ended with it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub struct Database {
    folder: TempDir,
    process: Child,
}

impl Database {
    /// Makes and starts a fresh one.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("headroom-pg-").tempdir_in("/tmp").expect("folder");
        hand_over(folder.path());
        let data = folder.path().join("data");
        let made = as_owner("initdb")
            .args(["--auth=trust", "--username=headroom", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .expect("initdb runs");
        assert!(made.success(), "initdb failed");
        let process = launch(folder.path());
        let database = Self { folder, process };
        database.wait();
        database
    }

    /// Starts one that also takes encrypted connections on the loopback address, with a certificate signed by an authority
    /// of its own; the second is the authority's file, the third the port.
    pub fn start_encrypted() -> (Self, PathBuf, u16) {
        let mut database = Self::start();
        database.stop();
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let data = database.folder.path().join("data");
        let script = "set -e; cd \"$1\"; \
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem; \
            openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr; \
            printf 'subjectAltName=DNS:localhost' > names; \
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt; \
            chmod 600 server.key";
        let made =
            as_owner("sh").args(["-c", script, "sh"]).arg(&data).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(made.expect("sh runs").success(), "openssl makes certificates");
        let settings = format!("\nssl = on\nlisten_addresses = 'localhost'\nport = {port}\n");
        let file = data.join("postgresql.conf");
        let text = std::fs::read_to_string(&file).expect("its settings");
        std::fs::write(&file, text + &settings).expect("written");
        database.process = launch_with(database.folder.path(), &[]);
        let authority = database.folder.path().join("ca.pem");
        std::fs::copy(data.join("ca.pem"), &authority).expect("copied");
        (database, authority, port)
    }

    /// Address of its standard database.
    pub fn url(&self) -> String {
        let socket = self.folder.path().to_str().expect("utf-8").replace('/', "%2F");
        format!("postgres://headroom@{socket}/postgres")
    }

    /// The socket it listens on.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    /// Stops it as an operator does, cutting open connections.
    pub fn stop(&mut self) {
        let told = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().expect("kill");
        assert!(told.success());
        self.process.wait().expect("it ends");
    }

    /// Starts it again on the same data.
    pub fn start_again(&mut self) {
        self.process = launch(self.folder.path());
        self.wait();
    }

    /// Runs statements with psql.
    pub fn psql(&self, statements: &str) -> String {
        let output =
            Command::new(program("psql")).args(["-qAtX", "-c", statements, &self.url()]).output().expect("psql");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn wait(&self) {
        let started = Instant::now();
        loop {
            let mut psql = Command::new(program("psql"));
            psql.args(["-qAtX", "-c", "SELECT 1", &self.url()]).stdout(Stdio::null()).stderr(Stdio::null());
            if psql.status().expect("psql").success() {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "PostgreSQL does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // `postgres` removes its shared memory only when it is stopped in order.
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

fn launch(folder: &Path) -> Child {
    launch_with(folder, &["-c", "listen_addresses="])
}

fn launch_with(folder: &Path, more: &[&str]) -> Child {
    as_owner("postgres")
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-k")
        .arg(folder)
        .args(more)
        .args(["-c", "log_min_messages=fatal"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("postgres starts")
}

/// PostgreSQL refuses to run as root, so there it runs as the user its package made.
fn as_owner(name: &str) -> Command {
    let program = program(name);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program).current_dir("/");
    command
}

fn hand_over(folder: &Path) {
    if is_root() {
        let done = Command::new("chown").arg("postgres").arg(folder).status().expect("chown");
        assert!(done.success(), "the user postgres, which Debian's package makes, is missing");
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id");
    output.stdout.trim_ascii() == b"0"
}

/// A program of PostgreSQL: on the PATH, or where Debian keeps its versions.
fn program(name: &str) -> PathBuf {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&paths).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("PostgreSQL's `{name}` is missing: apt-get install postgresql"))
}
