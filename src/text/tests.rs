use super::*;

#[test]
fn white_space_folds_and_blank_lines_separate_paragraphs() {
    assert_eq!(display_line("  A\n  title\t here "), "A title here");
    assert_eq!(display_paragraphs("one\ntwo\r\n \r\n\n three"), "one two\n\nthree");
}
