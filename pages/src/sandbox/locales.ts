// The locales of Feishu, and what its own buttons say in each.

interface Locale {
  id: string;
  name: string;
  approve: string;
  reject: string;
}

const locale = (id: string, name: string, approve: string, reject: string): Locale => ({ id, name, approve, reject });

export const LOCALES: Locale[] = [
  locale("zh-CN", "简体中文", "同意", "拒绝"),
  locale("en-US", "English", "Approve", "Reject"),
  locale("ja-JP", "日本語", "承認", "却下"),
  locale("zh-HK", "繁體中文（香港）", "同意", "拒絕"),
  locale("zh-TW", "繁體中文（台灣）", "同意", "拒絕"),
  locale("de-DE", "Deutsch", "Genehmigen", "Ablehnen"),
  locale("es-ES", "Español", "Aprobar", "Rechazar"),
  locale("fr-FR", "Français", "Approuver", "Refuser"),
  locale("id-ID", "Bahasa Indonesia", "Setujui", "Tolak"),
  locale("it-IT", "Italiano", "Approva", "Rifiuta"),
  locale("ko-KR", "한국어", "승인", "반려"),
  locale("ms-MY", "Bahasa Melayu", "Luluskan", "Tolak"),
  locale("pt-BR", "Português", "Aprovar", "Rejeitar"),
  locale("ru-RU", "Русский", "Одобрить", "Отклонить"),
  locale("th-TH", "ไทย", "อนุมัติ", "ปฏิเสธ"),
  locale("vi-VN", "Tiếng Việt", "Phê duyệt", "Từ chối"),
];

const FIRST = LOCALES[0] ?? locale("zh-CN", "简体中文", "同意", "拒绝");

export const find = (id: string): Locale => LOCALES.find((known) => known.id === id) ?? FIRST;

/** Feishu's locale that is nearest to the browser's. */
export function ofBrowser(): string {
  const wanted = navigator.language;
  const same = LOCALES.find((known) => known.id === wanted);
  const near = LOCALES.find((known) => known.id.split("-")[0] === wanted.split("-")[0]);
  return (same ?? near ?? find("en-US")).id;
}
