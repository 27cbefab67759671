// Pushes a minute over the last hour, against the limit, with the drifts.
import { useLanguage, useTimes } from "../shared/language";
import type { Minute } from "./model";
import { WORDS } from "./words";

const WIDTH = 720;
const HEIGHT = 150;
const BAR = WIDTH / 60;

/** Each minute of the last hour, oldest first; the gateway names only those in which something was done. */
function filled(busy: Minute[]): Minute[] {
  const known = new Map(busy.map((minute) => [Date.parse(minute.from), minute]));
  const present = Math.floor(Date.now() / 60_000) * 60_000;
  return Array.from({ length: 60 }, (_, index) => {
    const from = present - (59 - index) * 60_000;
    return known.get(from) ?? { from: new Date(from).toISOString(), pushes: 0, drifts: 0 };
  });
}

export function Plot({ busy, limit }: { busy: Minute[]; limit: number | undefined }) {
  const minutes = filled(busy);
  const words = WORDS[useLanguage()];
  const times = useTimes();
  const most = Math.max(...minutes.map((minute) => minute.pushes), 0);
  const pushes = minutes.reduce((sum, minute) => sum + minute.pushes, 0);
  const drifts = minutes.reduce((sum, minute) => sum + minute.drifts, 0);
  // The limit is shown where it is near; a far one would press the bars flat.
  const showsLimit = limit !== undefined && most > limit / 4;
  const highest = Math.max(showsLimit ? limit : 0, most, 1);
  const top = highest * 1.08;
  const y = (count: number) => HEIGHT - (count / top) * HEIGHT;
  return (
    <figure class="plot">
      <div class="drawing">
        <p class="scale small soft" aria-hidden="true"><span>{highest}</span><span>0</span></p>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={words.plot(pushes, most, limit, drifts)}>
          <line class="ground" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
          {minutes.map((minute, index) => (
            <g key={minute.from}>
              <rect class="pushes" x={index * BAR + 1} width={BAR - 2} y={y(minute.pushes)} height={HEIGHT - y(minute.pushes)} />
              {minute.drifts > 0 && <rect class="drifts" x={index * BAR + 1} width={BAR - 2} y="0" height="8" />}
            </g>
          ))}
          {showsLimit && <line class="limit" x1="0" x2={WIDTH} y1={y(limit)} y2={y(limit)} />}
        </svg>
      </div>
      <figcaption class="small soft">
        <span>{words.ago(60)}</span>
        <span>
          <span class="key pushes" /> {words.pushes}
          {drifts > 0 && <> <span class="key drifts" /> {words.drifts}</>}
          {limit !== undefined && <> <span class="key limit" /> {showsLimit ? words.limit(limit) : words.limitAbove(limit)}</>}
        </span>
        <span>{words.now}</span>
      </figcaption>
      <details>
        <summary class="small">{words.asTable}</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label={words.asTable}>
          <table>
            <thead><tr><th scope="col">{words.time}</th><th scope="col">{words.pushes}</th><th scope="col">{words.drifts}</th></tr></thead>
            <tbody>
              {[...minutes].reverse().map((minute) => (
                <tr key={minute.from}><td>{times.short(minute.from)}</td><td>{minute.pushes}</td><td>{minute.drifts}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
