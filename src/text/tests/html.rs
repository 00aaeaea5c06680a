use super::shown_as;

#[test]
fn known_tags_go_and_other_angle_brackets_stay() {
    shown_as(&[
        ("In <i>E. coli</i> and <b>yeast</b>", "In E. coli and yeast"),
        ("CO<sub>2</sub> and m<sup>2</sup>", "CO₂ and m²"),
        ("T<sub>eff</sub>", "Teff"),
        ("<jats:p>Crossref <jats:italic>sends</jats:italic> this</jats:p>", "Crossref sends this"),
        ("<mml:math><mml:mi>x</mml:mi></mml:math>-axis", "x-axis"),
        (r#"see <a href="https://example.org/?a=b">there</a>"#, "see there"),
        ("x < y and y > z", "x < y and y > z"),
        ("if a <b and c> d", "if a <b and c> d"),
        ("P<0.001, n<i", "P<0.001, n<i"),
        ("between <think> and </think>", "between <think> and </think>"),
        ("one<br>two<BR/>three", "one two three"),
        ("<sup>1</sup><sub></sub>", "¹"),
        ("a</sub>b<sub>c", "abc"),
        ("<i<b>", "<i"),
    ]);
}

#[test]
fn entities_are_decoded() {
    shown_as(&[
        ("R&amp;D &lt; 5 &gt; 3", "R&D < 5 > 3"),
        ("caf&eacute; &#8217;n&#x2019; bar", "café ’n’ bar"),
        ("5&nbsp;&mu;m &ndash; 7", "5 μm – 7"),
        ("&#150;", "–"),
        ("AT&T; &unknown; &#xzz; &#; &#1114112; &", "AT&T; &unknown; &#xzz; &#; &#1114112; &"),
        ("&#0;&#x202e;a", "a"),
    ]);
}

#[test]
fn what_was_escaped_twice_is_read_as_meant() {
    shown_as(&[("H&lt;sub&gt;2&lt;/sub&gt;O", "H₂O"), ("Q&amp;amp;A", "Q&A"), ("&amp;#8217;", "’")]);
}
