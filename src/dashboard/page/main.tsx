import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/table.css';
import './styles/chart.css';
import './styles/print.css';
import { App } from './app.tsx';

const root = document.getElementById('page');
if (root !== null) render(<App />, root);
