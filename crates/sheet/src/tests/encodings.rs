use super::{LIMITS, written};
use crate::{Cell, Encoding, Format, Lost, ReadFault, Sniffed, date, read, sniff};
use jiff::civil;

const CP932: Format = Format::Csv(Encoding::Cp932);

#[test]
fn what_cp932_cannot_say_is_marked_and_reported() {
    let rows = vec![
        vec!["屋号".into(), "所在地".into()],
        vec!["髙橋商店〜①".into(), "𠮷野家前".into()],
    ];
    let (bytes, report) = written(CP932, &rows);
    let lost = Lost {
        row: 2,
        column: 2,
        character: '𠮷',
        written: '〓',
    };
    assert_eq!(
        (report.rows, report.lost_count, report.lost),
        (2, 1, vec![lost])
    );
    let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(&bytes);
    assert!(!broken);
    assert_eq!(text, "屋号,所在地\r\n髙橋商店～①,〓野家前\r\n");
}

#[test]
fn a_yen_sign_never_becomes_a_backslash() {
    let (bytes, report) = written(CP932, &[vec!["¥100 ‾".into()]]);
    let (text, ..) = encoding_rs::SHIFT_JIS.decode(&bytes);
    assert_eq!((text.as_ref(), report.lost_count), ("￥100 ￣\r\n", 0));
}

#[test]
fn files_are_known_by_their_bytes() {
    let text = |encoding, delimiter| Sniffed::Text {
        encoding,
        delimiter,
    };
    assert_eq!(
        sniff("名前,日\n".as_bytes()).unwrap(),
        text(Encoding::Utf8, b',')
    );
    assert_eq!(
        sniff("\u{feff}名前\t日\n".as_bytes()).unwrap(),
        text(Encoding::Utf8Bom, b'\t')
    );
    let (cp932, ..) = encoding_rs::SHIFT_JIS.encode("\"a;b;c\",屋号\n");
    assert_eq!(sniff(&cp932).unwrap(), text(Encoding::Cp932, b','));
    assert_eq!(
        sniff(&written(Format::Xlsx, &[vec!["a".into()]]).0).unwrap(),
        Sniffed::Xlsx
    );
    assert!(matches!(sniff(b""), Err(ReadFault::Empty)));
    assert!(matches!(sniff(b"%PDF-1.7"), Err(ReadFault::Unknown)));
    assert!(matches!(
        sniff(&[0xd0, 0xcf, 0x11, 0xe0]),
        Err(ReadFault::Unknown)
    ));
}

#[test]
fn limits_hold() {
    let wide = vec![vec![Cell::from("a"); 61]];
    let long: Vec<_> = (0..10_001).map(|_| vec![Cell::from("a")]).collect();
    for format in super::FORMATS {
        for rows in [&wide, &long] {
            let found = read(&written(format, rows).0, &LIMITS);
            assert!(
                matches!(found, Err(ReadFault::TooLarge { .. })),
                "{format:?}"
            );
        }
    }
    let small = crate::Limits {
        bytes: 10,
        ..LIMITS
    };
    assert!(matches!(
        read(b"a,b,c,d,e,f,g", &small),
        Err(ReadFault::TooLarge { .. })
    ));
}

#[test]
fn a_broken_workbook_is_refused() {
    let (mut bytes, _) = written(Format::Xlsx, &[vec!["a".into()]]);
    bytes.truncate(bytes.len() / 2);
    assert!(matches!(read(&bytes, &LIMITS), Err(ReadFault::Excel(_))));
}

#[test]
fn days_in_either_calendar() {
    let day = civil::date(2026, 11, 22);
    for text in [
        "2026-11-22",
        "2026/11/22",
        "20261122",
        "令和8年11月22日",
        "R8.11.22",
        "2026/11/22 0:00",
    ] {
        assert_eq!(date(text), Some(day), "{text}");
    }
    for text in ["", "11月", "2026-13-01", "平成40年1月1日"] {
        assert_eq!(date(text), None, "{text}");
    }
}
