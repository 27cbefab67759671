// The links of a card: what leads somewhere is a link, and what does not is told.
import { useLanguage } from "../shared/language";
import { address } from "./link";
import { WORDS } from "./words";

export function Links({ links, label }: { links: { pc_link?: string; mobile_link?: string }; label?: string | undefined }) {
  const words = WORDS[useLanguage()];
  const { pc_link, mobile_link } = links;
  const shown = [
    { link: pc_link, name: label ?? words.open },
    { link: mobile_link === pc_link ? undefined : mobile_link, name: words.openMobile },
  ];
  return (
    <>
      {shown.map(({ link, name }) => {
        if (link === undefined || link === "") return null;
        const href = address(link);
        return href === undefined ? (
          <span key={name} class="soft any">{words.deadLink} <code>{link}</code></span>
        ) : (
          <a key={name} href={href} target="_blank" rel="noreferrer">{name}</a>
        );
      })}
    </>
  );
}
