//! What readers expect of single interests, each with its reason.

use super::*;

/// Interest, text, whether it matches, and why.
const CASES: &[(&str, &str, bool, &str)] = &[
    ("RAG", "fragments of proofs", false, "words, not letters inside words"),
    ("RAG", "RAG for legal texts", true, "the same word"),
    ("rag", "RAG-Fusion", true, "case does not matter, and a piece of a hyphenated word is a word"),
    ("LLM", "LLMs as judges", true, "plural of an acronym"),
    ("LLMs", "an LLM that plans", true, "and back"),
    ("=LLM", "LLMs as judges", false, "`=` takes the exact form only"),
    ("=LLM", "an llm that plans", true, "the exact form does not look at case"),
    ("=models", "a model", false, "no stem"),
    ("GPUs", "training on one GPU", true, "plural of an acronym with a vowel"),
    ("GAN", "GANs trained well", true, "plural"),
    ("transformers", "A Transformer for speech", true, "plural and singular meet"),
    ("transformer", "transformers", true, "in both directions"),
    ("transformer", "we transform data", false, "the verb is something else to readers of papers"),
    ("few-shot", "few shot learning", true, "hyphen and space are the same"),
    ("few shot", "few-shot learning", true, "and back"),
    ("few-shot", "fewshot learning", true, "written in one"),
    ("fewshot", "few-shot learning", true, "and back"),
    ("few-shot", "few good shots", false, "a hyphenated word is strict"),
    ("few-shot", "shot few", false, "and in order"),
    ("few shot", "few good shots", true, "bare words may be near each other"),
    ("pretraining", "pre-training at scale", true, "joined form"),
    ("pre-training", "pretraining at scale", true, "joined form"),
    ("pre-training", "pre\u{2011}training", true, "any hyphen"),
    ("multi-modal", "multimodal agents", true, "joined form"),
    ("autoregressive", "non-auto-regressive decoding", true, "part of a longer hyphenated word"),
    ("\"pre-training data\"", "pretraining data", true, "joined form inside a phrase"),
    ("pretraining data", "pre-training data", true, "joined form inside a run"),
    ("C++", "a C++ library", true, "the signs belong to the name"),
    ("C++", "a C library", false, "C is not C++"),
    ("C", "a C++ library", false, "nor the other way"),
    ("C", "a C library", true, "a name of one letter"),
    ("C#", "written in C#.", true, "sharp belongs to the name"),
    ("GPT-4", "GPT-4 fails", true, "as written"),
    ("GPT-4", "GPT4 fails", true, "in one"),
    ("GPT4", "GPT-4 fails", true, "and back"),
    ("GPT-4", "GPT-4o fails", false, "another model"),
    ("GPT-4", "GPT-4.5 fails", false, "another version"),
    ("Llama 3.1", "Llama 3.1 8B", true, "a version number is one word"),
    ("Llama 3", "Llama 3.1 8B", false, "3 is not 3.1"),
    ("k-NN", "a k-NN baseline", true, "as written"),
    ("kNN", "a k-NN baseline", true, "in one"),
    ("k-NN", "k nearest neighbours", false, "acronyms are not spelled out"),
    ("β-VAE", "β-VAE revisited", true, "Greek letter"),
    ("beta-VAE", "β-VAE revisited", true, "written by its name"),
    ("β-VAE", "a beta VAE", true, "and back"),
    ("naïve Bayes", "Naive Bayes", true, "diacritics do not matter"),
    ("naive", "a naïve baseline", true, "and back"),
    ("ℓ1", "ℓ₁ regularisation", true, "compatibility forms are one"),
    ("3D", "3D scenes", true, "digits and letters make a word"),
    ("3D", "3 D printers", false, "but not apart"),
    ("O'Reilly", "the O’Reilly book", true, "any apostrophe"),
    ("reader", "the reader's digest", true, "possessive"),
    ("readers", "the readers’ choice", true, "possessive plural"),
    ("optimization", "optimisation of nets", true, "British spelling"),
    ("matrix", "random matrices", true, "irregular plural"),
    ("universe", "a university course", false, "readers tell them apart"),
    ("news", "new methods", false, "not a plural"),
    ("diffusion models", "models of diffusion", true, "a run matches in any order"),
    ("diffusion models", "diffusion is hard. We train many large language models", false, "too far apart"),
    ("diffusion models", "diffusion for large models", true, "within six words"),
    ("diffusion models", "diffusion", false, "all words are needed"),
    ("\"diffusion models\"", "models of diffusion", false, "quotes are strict"),
    ("\"diffusion models\"", "a diffusion model", true, "but forms still meet"),
    ("\"state of the art\"", "state of the art", true, "stop words count inside quotes"),
    ("\"state of the art\"", "state in an art", false, "these very ones"),
    ("state of the art", "the state of art", true, "outside they do not"),
    ("learning to learn", "learning is fun", false, "the same word twice needs two places"),
    ("learning to learn", "learning to learn fast", true, "and finds them"),
    ("parameter-efficient fine-tuning", "Parameter-Efficient Fine-Tuning of LLMs", true, "as written"),
    ("parameter-efficient fine-tuning", "parameter efficient finetuning", true, "spaces and joined forms"),
    ("parameter-efficient fine-tuning", "fine-tuning that is parameter-efficient", true, "turned round, near"),
    ("parameter-efficient fine-tuning", "efficient parameter tuning", false, "strict inside each word"),
    ("test-time AND scaling", "scaling laws at test time", true, "both somewhere"),
    ("test-time AND scaling", "test-time training", false, "both are needed"),
    ("agents OR robots", "robot arms", true, "one is enough"),
    ("agents OR robots", "humans", false, "one is needed"),
    ("diffusion -survey", "a survey of diffusion", false, "excluded"),
    ("diffusion -survey", "diffusion", true, "not excluded"),
    ("diffusion -\"medical images\"", "diffusion for medical images", false, "a negated phrase"),
    ("diffusion -\"medical images\"", "diffusion: images of medical staff", true, "is a phrase still"),
    ("(agents OR robots) AND (memory OR planning)", "planning robots", true, "one of each"),
    ("(agents OR robots) AND (memory OR planning)", "robots and agents", false, "nested groups all count"),
    ("agents -(survey OR (benchmark planning))", "agents: a planning benchmark", false, "negated nested group"),
    ("agents -(survey OR (benchmark planning))", "agents: a benchmark", true, "of which nothing hits"),
    ("transf*", "transferable skills", true, "beginning of a word"),
    ("transf*", "a new transform", true, "of any word"),
    ("transf*", "neurotransfer", false, "not inside"),
    ("multimod*", "multi-modal", true, "also of joined forms"),
    ("title:diffusion", "diffusion", true, "the text of these cases is a title"),
    ("abstract:diffusion", "diffusion", false, "and no abstract"),
    ("大模型", "高效大模型推理", true, "a run inside a run"),
    ("模型", "大模型", true, "a pair"),
    ("型", "大模型", true, "a single character"),
    ("模大", "大模型", false, "in order"),
    ("大模推", "大模型推理", false, "without holes"),
    ("GPT 模型", "GPT模型", true, "scripts are told apart without spaces"),
    ("ディープラーニング", "ﾃﾞｨｰﾌﾟﾗｰﾆﾝｸﾞ入門", true, "half-width letters"),
    ("언어 모델", "대규모 언어 모델", true, "Hangul"),
    ("law", "scaling laws", true, "stem"),
    ("attention is all you need", "Attention Is All You Need", true, "a whole title"),
    ("TCP/IP", "the TCP/IP stack", true, "signs inside"),
    ("node.js", "Node.js servers", true, "signs inside"),
    ("Q&A", "community Q&A sites", true, "a stop word as part of a word"),
    ("R", "statistics with R", true, "a language of one letter"),
    ("π0", "the pi0 policy", true, "Greek letter with a digit"),
    ("embeddings", "we embed text", true, "stem that the algorithm misses"),
];

#[test]
fn interests_match_what_readers_expect() {
    assert_eq!(wrong_cases(CASES), "");
}

/// The cases that do not come out as they should, a line each.
pub(super) fn wrong_cases(cases: &[(&str, &str, bool, &str)]) -> String {
    let wrong = cases.iter().filter_map(|(interest, text, expected, reason)| {
        let report = check_profile(interest);
        let found = report.is_ok() && !winners(interest, &[Paper::titled(text)]).is_empty();
        (!report.is_ok() || found != *expected)
            .then(|| format!("{interest} on {text:?} should be {expected}: {reason} {:?}\n", report.errors().next()))
    });
    wrong.collect()
}

/// Interest, authors, categories, whether it matches, and why.
type NameCase = (&'static str, &'static [&'static str], &'static [&'static str], bool, &'static str);

const NAMES: &[NameCase] = &[
    ("author:LeCun", &["Yann LeCun"], &[], true, "family name"),
    ("author:\"LeCun, Yann\"", &["Yann LeCun"], &[], true, "family name first"),
    ("author:\"Yann LeCun\"", &["LeCun, Yann"], &[], true, "and back"),
    ("author:\"Y. LeCun\"", &["Yann LeCun"], &[], true, "initial for a name"),
    ("author:\"yann lecun\"", &["Y. LeCun"], &[], true, "name for an initial"),
    ("author:(yann lecun)", &["Yann A. LeCun"], &[], true, "middle names do not matter"),
    ("author:\"Y. LeCun\"", &["Xavier LeCun"], &[], false, "another initial"),
    ("author:\"Yann LeCun\"", &["Yann Dauphin", "Pascal LeCun"], &[], false, "one author, not two"),
    ("author:\"José Jose\"", &["Jose X"], &[], false, "each part needs its own"),
    ("author:Jose", &["José Ángel"], &[], true, "diacritics"),
    ("author:\"Jean-Baptiste Alayrac\"", &["Jean Baptiste Alayrac"], &[], true, "hyphens"),
    ("author:\"J.-B. Alayrac\"", &["Jean-Baptiste Alayrac"], &[], true, "two initials"),
    ("author:Lip*", &["Zachary Lipton"], &[], true, "beginning of a name"),
    ("author:lipton", &["Liptons"], &[], false, "names are not stemmed"),
    ("author:王伟", &["王伟"], &[], true, "a name without spaces"),
    ("Yann LeCun", &["Yann LeCun"], &[], true, "a bare full name is looked for among authors"),
    ("LeCun", &["Yann LeCun"], &[], false, "a single bare word is not"),
    ("law", &["Stephen Law"], &[], false, "so that words find no namesakes"),
    ("title:(Yann LeCun)", &["Yann LeCun"], &[], false, "nor words with another field"),
    ("cat:cs.CL", &[], &["cs.CL"], true, "category"),
    ("cat:cs.cl", &[], &["cs.LG", "cs.CL"], true, "any of them, any case"),
    ("cat:cs.C", &[], &["cs.CL"], false, "the whole name"),
    ("cat:cs.*", &[], &["cs.CL"], true, "all of an archive"),
    ("cat:cs.*", &[], &["physics.cs"], false, "from the beginning"),
    ("cat:hep-th", &[], &["hep-th"], true, "hyphens"),
    ("cat:\"machine learning\"", &[], &["Machine  Learning"], true, "names with spaces"),
    ("cs.CL", &[], &["cs.CL"], true, "a bare category is understood"),
    ("cs.CL", &[], &["cs.LG", "math.CL"], false, "as one name"),
    ("author:\"van der Maaten\"", &["Laurens van der Maaten"], &[], true, "particles"),
    ("author:Maaten", &["Laurens van der Maaten"], &[], true, "which need not be typed"),
    ("author:\"L. van der Maaten\"", &["van der Maaten, Laurens"], &[], true, "nor stand where one expects them"),
    ("author:\"Maaten, L.\"", &["Laurens van der Maaten"], &[], true, "as libraries write it"),
    ("author:\"García Márquez\"", &["Gabriel Garcia Marquez"], &[], true, "a double name"),
    ("author:\"Garcia\"", &["Gabriel García Márquez"], &[], true, "half of it"),
    ("author:\"Fei-Fei Li\"", &["Li Fei-Fei"], &[], true, "family name first"),
    ("author:\"F.-F. Li\"", &["Fei-Fei Li"], &[], true, "initials with hyphen"),
    ("author:\"J.B. Alayrac\"", &["Jean-Baptiste Alayrac"], &[], true, "initials without space"),
    ("author:\"J B Alayrac\"", &["Jean-Baptiste Alayrac"], &[], true, "initials without dots"),
    ("author:\"JB Alayrac\"", &["Jean-Baptiste Alayrac"], &[], false, "two letters together may be a name: Jo, Al, Ng"),
    ("author:\"Yann LeCun\"", &["Y LeCun"], &[], true, "an initial without a dot"),
    ("author:\"Yann LeCun\"", &["Le Cun, Yann"], &[], false, "another way to part the name"),
    ("author:\"O'Brien\"", &["Conan O’Brien"], &[], true, "any apostrophe"),
    ("author:OBrien", &["Conan O'Brien"], &[], true, "or none"),
    ("author:\"Bernhard Schölkopf\"", &["Bernhard Scholkopf"], &[], true, "an umlaut"),
    ("author:\"Wei Wang\"", &["Wang Wei"], &[], true, "either order"),
    ("author:\"Wei Wang\"", &["Wei Zhang", "Li Wang"], &[], false, "of one person"),
    ("author:\"王 伟\"", &["王伟"], &[], true, "a name with or without a space"),
    ("author:\"伟 王\"", &["王伟"], &[], true, "either order"),
    ("author:(Hinton OR Bengio)", &["Yoshua Bengio"], &[], true, "one of several"),
    ("agents -author:Bengio", &["Yoshua Bengio"], &[], false, "not by"),
    ("cat:cs.*", &[], &["cs"], true, "the archive itself"),
    ("cat:CS.*", &[], &["cs.LG"], true, "any case"),
    ("cat:(cs.CL OR cs.LG)", &[], &["cs.LG"], true, "one of several"),
    ("cat:cs.* -cat:cs.CV", &[], &["cs.LG", "cs.CV"], false, "all but one"),
    ("cat:stat.ML AND cat:cs.LG", &[], &["cs.LG", "stat.ML"], true, "both"),
];

#[test]
fn names_and_categories_match_what_readers_expect() {
    let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let mut wrong = Vec::new();
    for (interest, authors, categories, expected, reason) in NAMES {
        assert!(check_profile(interest).is_ok(), "{interest}");
        let paper = Paper { authors: own(authors), categories: own(categories), ..Paper::titled("Untitled") };
        if winners(interest, &[paper]).is_empty() == *expected {
            wrong.push(format!("{interest} on {authors:?} {categories:?} should be {expected}: {reason}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
