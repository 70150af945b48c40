//! Names of files for ids that may be anything.

use std::fmt::Write;

/// The most bytes of an id in a name: file systems allow 255 for all of it, of which the extension and
/// the mark of an unfinished file take some.
const LONGEST_WORKFLOW_ID: usize = 150;
const LONGEST_RUN_ID: usize = 60;

/// Names that Windows keeps for devices, with any extension.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// `<workflow id>.<run id>.json.gz`, where all but letters, digits, `-`, `_` and `.` is written as
/// `%` and two digits. An id that is too long ends in `~` and a hash of it.
///
/// No name leads out of its folder, is hidden, looks like an option, or belongs to two runs: ids of
/// runs are unique also where file systems do not tell upper case from lower case.
pub(super) fn file_name(workflow_id: &str, run_id: &str) -> String {
    let workflow = shorten(encode(workflow_id, true), workflow_id, LONGEST_WORKFLOW_ID);
    let run = shorten(encode(run_id, false), run_id, LONGEST_RUN_ID);
    format!("{workflow}.{run}.json.gz")
}

/// The name as it is, or its beginning with a hash of the id.
fn shorten(mut name: String, id: &str, longest: usize) -> String {
    if name.len() > longest {
        name.truncate(longest - 17);
        let _ = write!(name, "~{:016x}", hash(id.as_bytes()));
    }
    name
}

fn encode(id: &str, dots: bool) -> String {
    let mut name = String::with_capacity(id.len());
    let stem = id.split('.').next().unwrap_or_default().to_lowercase();
    let is_device = DEVICES.contains(&stem.as_str());
    if id.is_empty() {
        // Not the name of another id: `%` itself is written as `%25`.
        return "%".to_owned();
    }
    for (place, byte) in id.bytes().enumerate() {
        let is_plain = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => !(place == 0 && is_device),
            b'0'..=b'9' | b'_' => true,
            // Neither hidden nor an option.
            b'-' => place > 0,
            b'.' => place > 0 && dots,
            _ => false,
        };
        match is_plain {
            true => name.push(char::from(byte)),
            false => {
                let _ = write!(name, "%{byte:02X}");
            }
        }
    }
    name
}

/// FNV-1a: the same on every machine and in every version.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "0190b5a2-7c1e-7d3f-9a00-2f6c1f0f7b11";

    #[test]
    fn ids_as_people_make_them() {
        assert_eq!(
            file_name("order-123", RUN),
            format!("order-123.{RUN}.json.gz")
        );
        assert_eq!(file_name("a.b_C", "r"), "a.b_C.r.json.gz");
        assert_eq!(
            file_name("tenant/7:x y", "r"),
            "tenant%2F7%3Ax%20y.r.json.gz"
        );
    }

    #[test]
    fn hostile_ids() {
        assert_eq!(
            file_name("../../etc/passwd", "r"),
            "%2E.%2F..%2Fetc%2Fpasswd.r.json.gz"
        );
        assert_eq!(file_name("..", ".."), "%2E..%2E%2E.json.gz");
        assert_eq!(file_name("a\\b\0c%", "r"), "a%5Cb%00c%25.r.json.gz");
        assert_eq!(file_name("-rf", "-r"), "%2Drf.%2Dr.json.gz");
        assert_eq!(file_name(".hidden", "r"), "%2Ehidden.r.json.gz");
        assert_eq!(file_name("NUL.x", "r"), "%4EUL.x.r.json.gz");
        assert_eq!(file_name("", "r"), "%.r.json.gz");
        // A dot between the ids is the last one.
        assert_ne!(file_name("a.b", "c"), file_name("a", "b.c"));
    }

    #[test]
    fn long_ids_stay_apart() {
        let (one, two) = ("ö".repeat(400) + "1", "ö".repeat(400) + "2");
        let names = [file_name(&one, RUN), file_name(&two, RUN)];
        assert!(names[0].len() < 230, "{}", names[0].len());
        assert_ne!(names[0], names[1]);
        assert!(file_name("w", &"r".repeat(5000)).len() < 230);
    }
}
