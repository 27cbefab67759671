// A block of text that can be copied.
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "./language";

const WORDS = {
  zh: { copy: "复制", copied: "已复制" },
  en: { copy: "Copy", copied: "Copied" },
};

export function CopyBlock({ text, label }: { text: string; label: string }) {
  const words = WORDS[useLanguage()];
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => { setCopied(false); }, 2_000);
    return () => { clearTimeout(timer); };
  }, [copied]);
  return (
    <div class="copy">
      <pre tabIndex={0} aria-label={label}>{text}</pre>
      <button type="button" onClick={() => void navigator.clipboard.writeText(text).then(() => { setCopied(true); })}>
        {copied ? words.copied : words.copy}
      </button>
      <span class="unseen" role="status">{copied ? words.copied : ""}</span>
    </div>
  );
}
