//! A Spark of our own on this machine's loopback: a master, two workers, a Connect server; ended by their ids.

use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The processes, and the folder that holds their logs and tables.
pub struct Server {
    pub folder: tempfile::TempDir,
    pub url: String,
    master: Child,
    workers: Vec<Child>,
    connect: Child,
}

/// Where pyspark lies: `GONOGO_SPARK`, the folder that holds `bin` and `jars`.
fn home() -> PathBuf {
    let home =
        std::env::var_os("GONOGO_SPARK").unwrap_or_else(|| panic!("set GONOGO_SPARK to the folder of pyspark (`pip install pyspark`)"));
    fs::canonicalize(&home).unwrap_or_else(|error| panic!("GONOGO_SPARK {home:?}: {error}"))
}

/// What the server asks of whoever connects, where the environment says so.
pub fn token() -> Option<String> {
    std::env::var("SPARK_CONNECT_AUTHENTICATE_TOKEN").ok().filter(|token| !token.is_empty())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn start(folder: &Path, log: &str, program: &str, arguments: &[String]) -> Child {
    let log = File::create(folder.join(log)).unwrap();
    let mut command = Command::new(home().join("bin").join(program));
    command
        .args(arguments)
        .current_dir(folder)
        .env("SPARK_HOME", home())
        .env("SPARK_LOCAL_IP", "127.0.0.1")
        .env_remove("SPARK_CONNECT_MODE_ENABLED");
    command
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("Spark's {program}: {error}"))
}

fn wait_for(port: u16, log: &Path) {
    let until = Instant::now() + Duration::from_secs(180);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "Spark did not start:\n{}", fs::read_to_string(log).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(300));
    }
}

impl Server {
    /// Starts all of it.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let (hub, port) = (free_port(), free_port());
        let words = |text: String| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let host = "--host 127.0.0.1 --webui-port 0";
        let master = start(at, "master.log", "spark-class", &words(format!("org.apache.spark.deploy.master.Master {host} --port {hub}")));
        wait_for(hub, &at.join("master.log"));
        let worker = |number: usize| {
            let work = at.join(format!("work{number}"));
            let text = format!(
                "org.apache.spark.deploy.worker.Worker spark://127.0.0.1:{hub} {host} --cores 1 --memory 1g --work-dir {}",
                work.display()
            );
            start(at, &format!("worker{number}.log"), "spark-class", &words(text))
        };
        let workers = (1..=2).map(worker).collect();
        let settings = [
            "driver.host=127.0.0.1".to_owned(),
            "driver.bindAddress=127.0.0.1".to_owned(),
            format!("connect.grpc.binding.port={port}"),
            "connect.grpc.binding.address=127.0.0.1".to_owned(),
            "executor.memory=900m".to_owned(),
            "executor.cores=1".to_owned(),
            "ui.enabled=false".to_owned(),
            "sql.shuffle.partitions=2".to_owned(),
            // Compiling every plan takes longer here than interpreting it.
            "sql.codegen.wholeStage=false".to_owned(),
            "sql.adaptive.enabled=false".to_owned(),
            // Snappy's native library takes a system for musl's where musl's loader is installed beside glibc's, and does not load.
            "sql.parquet.compression.codec=gzip".to_owned(),
            format!("sql.warehouse.dir={}", at.join("warehouse").display()),
        ];
        // The client takes it from the same place.
        let token = token().map(|token| format!("connect.authenticate.token={token}"));
        let mut arguments =
            words(format!("--class org.apache.spark.sql.connect.service.SparkConnectServer --master spark://127.0.0.1:{hub}"));
        arguments.extend(settings.iter().chain(&token).flat_map(|setting| ["--conf".to_owned(), format!("spark.{setting}")]));
        let connect = start(at, "connect.log", "spark-submit", &arguments);
        wait_for(port, &at.join("connect.log"));
        Self { url: format!("sc://127.0.0.1:{port}"), folder, master, workers, connect }
    }

    /// What the Connect server logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("connect.log")).unwrap()
    }

    /// The processes that compute: those of the workers' children that run an executor. A worker also starts others, which end soon, and one
    /// that has ended has no command line any more.
    pub fn executors(&self) -> Vec<u32> {
        let computes = |process: &u32| {
            let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains("CoarseGrainedExecutorBackend")
        };
        self.workers.iter().flat_map(|worker| children(worker.id())).filter(computes).collect()
    }

    /// How many executors the Connect server has lost so far, by its log.
    pub fn lost(&self) -> usize {
        self.log().matches("Lost executor").count()
    }

    /// Whether the log comes to tell of more lost executors than that; it may be written a little after the answer.
    pub fn lost_more_than(&self, known: usize) -> bool {
        let until = Instant::now() + Duration::from_secs(10);
        while self.lost() <= known && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(300));
        }
        self.lost() > known
    }

    /// Ends the workers and what computes for them.
    pub fn kill_workers(&mut self) {
        let executors = self.executors();
        for worker in &mut self.workers {
            let _ = worker.kill();
            let _ = worker.wait();
        }
        executors.into_iter().for_each(kill);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill_workers();
        for process in [&mut self.connect, &mut self.master] {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Ends a process at once.
pub fn kill(process: u32) {
    let _ = Command::new("kill").args(["-9", &process.to_string()]).status();
}

fn children(parent: u32) -> Vec<u32> {
    let known = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    let all: Vec<String> = fs::read_dir(format!("/proc/{parent}/task"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default())
        .chain([known])
        .collect();
    let mut found: Vec<u32> = all.iter().flat_map(|text| text.split_whitespace()).filter_map(|id| id.parse().ok()).collect();
    found.sort_unstable();
    found.dedup();
    found
}
