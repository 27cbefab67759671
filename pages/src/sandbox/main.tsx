// The approval centre of the sandbox: what each employee sees in Feishu, live.
import { render } from "preact";
import { LanguageProvider } from "../shared/language";
import { Centre } from "./centre";
import "../shared/base.css";
import "../shared/parts.css";
import "./frame.css";
import "./cards.css";
import "./held.css";

const root = document.getElementById("root");
if (root) {
  render(
    <LanguageProvider>
      <Centre />
    </LanguageProvider>,
    root,
  );
}
