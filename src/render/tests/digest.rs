use crate::render::{DigestSample, Renderer, digest};

#[test]
fn every_sample_renders_the_same_twice() {
    let renderer = Renderer::new().unwrap();
    for sample in DigestSample::all() {
        let items = sample.items();
        let input = sample.input(&items);
        let first = digest(&renderer, &input).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        assert_eq!(first, digest(&renderer, &input).unwrap(), "{}", sample.name);
        if let Some(dir) = option_env!("RENDER_OUT") {
            let name = sample.name.replace(' ', "-");
            std::fs::write(format!("{dir}/{name}.html"), &first.html).unwrap();
            std::fs::write(
                format!("{dir}/{name}.txt"),
                format!("{}\n{:?}\n\n{}", first.subject, first.preheader, first.text),
            )
            .unwrap();
        }
    }
}
