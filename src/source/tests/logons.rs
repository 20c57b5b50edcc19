//! Flows, logons and partitions on short texts, with values worked out by hand.

use super::{
    events::{EIGHT, read, rows},
    *,
};

#[test]
fn nfdump_of_three_makes() {
    let old = concat!(
        "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out\n",
        "2026-03-02 09:00:00,2026-03-02 09:00:01,1.250,10.0.0.1,1.2.3.4,50000,443,TCP,.AP.SF,0,0,10,1000,8,64000,1,2\n",
        "2026-03-02 09:00:01,2026-03-02 09:00:01,0.000,1.2.3.4,10.0.0.1,443,50000,TCP,.AP.SF,0,0,1,2,3\n",
        "Summary\n",
        "flows,bytes,packets,avg_bps,avg_pps,avg_bpp\n",
        "1,1000,10,0,0,0\n",
        "Time window: 2026-03-02 09:00:00 - 2026-03-02 09:05:00\n",
    );
    let yaml = "{ path: '{path}', format: auto, max_malformed: 0.5, time: { column: timestamp, timezone: Europe/Paris }, options: { sampled: 100 } }";
    let (frame, q) = read(old, yaml);
    assert_eq!((q.format.as_str(), q.header, q.malformed, q.rows), ("nfdump", 5, 1, 1));
    assert_eq!(
        rows(
            &frame,
            [
                "timestamp",
                "src_ip",
                "src_port",
                "dst_ip",
                "dst_port",
                "proto",
                "bytes_up",
                "bytes_down",
                "packets_up",
                "duration_ms",
                "flg"
            ]
        ),
        [[&EIGHT.to_string(), "10.0.0.1", "50000", "1.2.3.4", "443", "TCP", "100000", "6400000", "1000", "1250.0", ".AP.SF"]
            .map(str::to_owned)]
    );
    let fast = concat!(
        "cnt,af,firstSeen,lastSeen,proto,srcAddr,srcPort,dstAddr,dstPort,srcAS,dstAS,input,output,flags,srcTos,packets,bytes\n",
        "1,2,1772438400.250,1772438401.000,6,10.0.0.1,50000,1.2.3.4,443,0,0,1,2,...AP.SF,0,10,1000\n",
        "2,10,1772438400.500,1772438401.000,17,2001:db8::1,5,2001:db8::2,53,0,0,1,2,........,0,1,70\n",
    );
    let (frame, q) = read(fast, "{ path: '{path}', format: auto }");
    assert_eq!((q.format.as_str(), sum(&frame, "bytes_up"), sum(&frame, "packets_up")), ("nfdump", 1_070.0, 11.0));
    assert_eq!(rows(&frame, ["timestamp", "src_ip", "proto"])[1], [&(EIGHT + 500_000).to_string(), "2001:db8::1", "17"]);
    assert!(frame.column("bytes_down").is_err());
    let named = "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows\n2026-03-02 08:00:00.000,0.5,TCP,10.0.0.1,5,1.2.3.4,443,1,60,1\n";
    let (frame, q) = read(named, "{ path: '{path}', format: auto }");
    assert_eq!((q.format.as_str(), text(&frame, "duration_ms", 0).as_str(), text(&frame, "flows", 0).as_str()), ("nfdump", "500.0", "1"));
    let top =
        b"ts,te,td,pr,val,fl,flP,pkt,pktP,byt,bytP,pps,bps,bpp\n2026-03-02 08:00:00,2026-03-02 08:00:01,1,any,10.0.0.1,1,1,1,1,1,1,1,1,1\n";
    assert!(read_text(top, "{ path: '{path}', format: nfdump }").unwrap_err().to_string().contains("top-N statistic"));
}

#[test]
fn sshd_years_and_repetitions() {
    let log = concat!(
        "Dec 31 23:59:59 web1 sshd[10]: Accepted publickey for ann from 10.0.0.1 port 50000 ssh2: RSA SHA256:x\n",
        "Jan  1 00:00:01 web1 sshd[11]: message repeated 3 times: [ Failed password for invalid user bob from 10.0.0.2 port 50001 ssh2]\n",
        "Jan  1 00:00:02 web1 CRON[12]: pam_unix(cron:session): session opened for user root\n",
        "2026-01-01T01:00:03.5+01:00 web1 sshd-session[13]: Connection closed by 10.0.0.3 port 1 [preauth]\n",
        "not a line\n",
    );
    // 1 January 2026.
    let new_year = 1_767_225_600_000_000_i64;
    let want = [
        [&(new_year - 1_000_000).to_string(), "success", "ann", "10.0.0.1", "50000", "web1", "publickey", "false", "10"].map(str::to_owned),
        [&(new_year + 1_000_000).to_string(), "failure", "bob", "10.0.0.2", "50001", "web1", "password", "true", "11"].map(str::to_owned),
        [&(new_year + 3_500_000).to_string(), "disconnect", "null", "10.0.0.3", "1", "web1", "null", "false", "13"].map(str::to_owned),
    ];
    let names = ["timestamp", "action", "user", "src_ip", "src_port", "host", "method", "invalid_user", "pid"];
    let (frame, q) = read(log, "{ path: '{path}', format: sshd, max_malformed: 0.5, envelope: { year: 2025 } }");
    assert_eq!((q.lines, q.rows, q.filtered, q.malformed), (7, 5, 1, 1));
    assert_eq!((q.malformed_samples[0].line, q.out_of_order), (5, 0));
    assert_eq!(rows(&frame, names), [0, 1, 1, 1, 2].map(|i| want[i].clone()));
    // The window tells the year as well.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.log"), log).unwrap();
    let source: spec::Source = serde_yaml::from_str("{ path: x.log, format: auto, max_malformed: 0.5 }").unwrap();
    let source = Source::open("s", &source, dir.path()).unwrap();
    assert_eq!(source.format().id, "sshd");
    let (frame, q) = source.read_table(&ReadPlan::default(), &Silent).unwrap();
    assert_eq!((frame.height(), q.no_time), (1, 4), "without a year or a window");
    let source = source.near(new_year);
    let window = Some((new_year - 86_400_000_000, new_year + 86_400_000_000));
    let cache = Cache::open(dir.path().join("cache"), Cache::MOST_BYTES).unwrap();
    // Parsed and kept, then from what was kept; then near another moment.
    for _ in 0..2 {
        let (frame, _) = source.read_table(&ReadPlan { window, cache: Some(&cache), ..ReadPlan::default() }, &Silent).unwrap();
        assert_eq!(rows(&frame, names), [0, 1, 1, 1, 2].map(|i| want[i].clone()));
    }
    let source = source.near(new_year - 730 * 86_400_000_000);
    let (_, q) = source.read_table(&ReadPlan { window, cache: Some(&cache), ..ReadPlan::default() }, &Silent).unwrap();
    assert_eq!((q.outside_window, q.rows), (4, 1));
}

#[test]
fn sshd_years_go_on_over_blocks() {
    let mut log = String::new();
    for i in 0..30_000 {
        let month = if i < 20_000 { "Dec 31" } else { "Jan  1" };
        log.push_str(&format!(
            "{month} {:02}:{:02}:{:02} web1 sshd[1]: Invalid user u{i} from 10.0.0.1\n",
            i / 3_600 % 24,
            i / 60 % 60,
            i % 60
        ));
    }
    assert!(log.len() > 1024 * 1024, "more than one block");
    let (frame, _) = read(&log, "{ path: '{path}', format: sshd, envelope: { year: 2025 } }");
    assert_eq!(
        (text(&frame, "timestamp", 19_999).as_str(), text(&frame, "timestamp", 29_999).as_str()),
        ("1767159199000000", "1767255599000000")
    );
}

const VIEWER: &str = "\u{feff}Keywords,Date and Time,Source,Event ID,Task Category\r\n\
    Audit Success,3/2/2026 8:00:00 AM,Microsoft-Windows-Security-Auditing,4624,Logon,\"An account was successfully logged on.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tSYSTEM\r\n\t\
    Account Name:\t\tPC1$\r\n\r\nLogon Information:\r\n\tLogon Type:\t\t3\r\n\r\nNew Logon:\r\n\tAccount Name:\t\tann\r\n\tNetwork Account Name:\t-\r\n\r\nNetwork Information:\r\n\t\
    Workstation Name:\tLAP7\r\n\tSource Network Address:\t::ffff:10.0.0.1\r\n\tSource Port:\t\t50000\r\n\r\n\tAuthentication Package:\tNTLM\"\r\n\
    Audit Failure,3/2/2026 7:59:59 AM,Microsoft-Windows-Security-Auditing,4776,Credential Validation,\"The computer attempted to validate the \"\"credentials\"\".\r\n\r\n\
    Logon Account:\tbob\r\nSource Workstation:\tLAP8\r\nError Code:\t0xC000006A\"\r\n\
    short,row\r\n";

#[test]
fn event_viewer_with_its_shifted_columns() {
    let error = read_text(VIEWER.as_bytes(), "{ path: '{path}', format: auto }").unwrap_err();
    assert!(error.to_string().contains("the dates of `Date and Time` cannot be read: the first is `3/2/2026 8:00:00 AM`"), "{error}");
    assert!(error.hint().unwrap().contains("%m/%d/%Y %I:%M:%S %p") && error.hint().unwrap().contains("%d/%m/%Y %I:%M:%S %p"), "{error:?}");
    let yaml = "{ path: '{path}', format: windows-csv, max_malformed: 0.5, options: { date_format: '%m/%d/%Y %I:%M:%S %p' } }";
    let (frame, q) = read(VIEWER, yaml);
    assert_eq!((q.lines, q.header, q.malformed, q.rows), (4, 1, 1, 2));
    let names =
        ["timestamp", "event_id", "action", "user", "src_ip", "src_port", "src_host", "method", "logon_type", "Keywords", "Task Category"];
    assert_eq!(
        rows(&frame, names),
        [
            [&EIGHT.to_string(), "4624", "success", "ann", "10.0.0.1", "50000", "LAP7", "NTLM", "3", "Audit Success", "Logon"]
                .map(str::to_owned),
            [
                &(EIGHT - 1_000_000).to_string(),
                "4776",
                "failure",
                "bob",
                "null",
                "null",
                "LAP8",
                "null",
                "null",
                "Audit Failure",
                "Credential Validation"
            ]
            .map(str::to_owned),
        ]
    );
    assert!(text(&frame, "Message", 1).contains("validate the \"credentials\"."));
    // In another language the header is told by its shape.
    let french = "Mots clés,Date et heure,Source,ID de l’événement,Catégorie de la tâche\nSuccès de l’audit,02/03/2026 09:00:00,S,4625,Ouvrir la session,\"Échec\nd’ouverture\"\n";
    let yaml = "{ path: '{path}', format: auto, time: { column: timestamp, timezone: Europe/Paris }, options: { date_format: '%d/%m/%Y %H:%M:%S' } }";
    let (frame, q) = read(french, yaml);
    assert_eq!(
        (q.format.as_str(), rows(&frame, ["timestamp", "event_id", "action"])),
        ("windows-csv", vec![[EIGHT.to_string(), "4625".into(), "failure".into()]])
    );
}

#[test]
fn get_winevent_and_evtxecmd() {
    let powershell = concat!(
        "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\n",
        "\"Message\",\"Id\",\"Level\",\"RecordId\",\"ProviderName\",\"MachineName\",\"TimeCreated\"\n",
        "\"An account failed to log on.\n\nAccount For Which Logon Failed:\n\tAccount Name:\t\tann\n\nNetwork Information:\n\tSource Network Address:\t10.0.0.1\",\"4625\",\"0\",\"77\",\"Microsoft-Windows-Security-Auditing\",\"dc1.corp\",\"02/03/2026 08:00:00\"\n",
    );
    let (frame, q) = read(powershell, "{ path: '{path}', format: auto, options: { date_format: '%d/%m/%Y %H:%M:%S' } }");
    assert_eq!((q.format.as_str(), q.header), ("windows-csv", 2));
    assert_eq!(
        rows(&frame, ["timestamp", "event_id", "action", "user", "src_ip", "host", "RecordId"]),
        [[&EIGHT.to_string(), "4625", "failure", "ann", "10.0.0.1", "dc1.corp", "77"].map(str::to_owned)]
    );
    let evtxecmd = concat!(
        "RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,Computer,UserName,RemoteHost,Payload\n",
        r##"1,77,2026-03-02 08:00:00.0000000,4624,LogAlways,P,Security,dc1,CORP\pc1$,LAP7 (10.0.0.1),"{""EventData"":{""Data"":[{""@Name"":""TargetUserName"",""#text"":""ann""},{""@Name"":""IpAddress"",""#text"":""10.0.0.1""},{""@Name"":""LogonType"",""#text"":""10""}]}}""##,
        "\n",
    );
    let (frame, q) = read(evtxecmd, "{ path: '{path}', format: auto }");
    assert_eq!(q.format, "windows-csv");
    assert_eq!(
        rows(&frame, ["timestamp", "event_id", "action", "user", "src_ip", "host", "logon_type", "RemoteHost"]),
        [[&EIGHT.to_string(), "4624", "success", "ann", "10.0.0.1", "dc1", "10", "LAP7 (10.0.0.1)"].map(str::to_owned)]
    );
}

#[test]
fn hive_partitions_are_columns_and_prune() {
    use polars_io::parquet::write::ParquetWriter;
    let dir = tempfile::tempdir().unwrap();
    // Five days of ten events, an hour apart.
    for day in 1..=5_i64 {
        let folder = dir.path().join(format!("region=eu/year=2026/month=03/day={day:02}"));
        fs::create_dir_all(&folder).unwrap();
        let midnight = EIGHT / 1_000 - 8 * 3_600_000 + (day - 2) * 86_400_000;
        let times: Vec<i64> = (0..10).map(|i| midnight + i * 3_600_000).collect();
        let mut frame = polars::df!("t" => times, "n" => vec![day; 10]).unwrap();
        ParquetWriter::new(fs::File::create(folder.join("x.parquet")).unwrap()).finish(&mut frame).unwrap();
    }
    let spec: spec::Source = serde_yaml::from_str("{ path: ., time: { column: t, parse: epoch_ms } }").unwrap();
    let source = Source::open("p", &spec, dir.path()).unwrap();
    let (frame, q) = source.read_table(&ReadPlan::default(), &Silent).unwrap();
    adds_up(&q);
    assert_eq!((frame.height(), frame.get_column_names_owned().join(" ").as_str()), (50, "t n region year month day"));
    assert_eq!(rows(&frame, ["n", "region", "year", "month", "day"])[49], ["5", "eu", "2026", "03", "05"]);
    // 4 March: its day and the one before are opened for it, and the one after.
    let day = 86_400_000_000;
    let fourth = EIGHT - 8 * 3_600_000_000 + 2 * day;
    let plan =
        ReadPlan { window: Some((fourth, fourth + day)), columns: Some(["day".to_owned(), "n".to_owned()].into()), ..ReadPlan::default() };
    let (frame, q) = source.read_table(&plan, &Silent).unwrap();
    adds_up(&q);
    assert_eq!((frame.height(), q.lines, q.outside_window), (10, 30, 20));
    assert_eq!(rows(&frame, ["n", "day"])[0], ["4", "04"]);
    let opened: Vec<bool> = q.files.iter().map(|file| !file.sha256.is_empty()).collect();
    assert_eq!(opened, [false, false, true, true, true]);
}
