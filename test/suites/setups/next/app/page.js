export default function Page() {
  return <p>Chat</p>;
}
