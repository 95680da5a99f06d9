// Dialogs with something that is told once: a new API key, the link of an invitation. It comes from the server's answer
// and lives in this component alone: not in a state of the app, not in a frame of its websocket, gone when it closes.
import { useId, useRef, useState } from "react";
import { Button, Callout, Dialog, Flex, IconButton, RadioGroup, Text, TextField } from "@radix-ui/themes";
import { CircleCheck, Plus, Send, TriangleAlert, UserPlus } from "lucide-react";
import { CopyButton } from "$/public/copy.jsx";

async function ask(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
    });
    const told = await answer.json();
    if (answer.status === 401) {
      window.location.assign(`/sign-in?next=${encodeURIComponent(window.location.pathname)}`);
    }
    return answer.ok ? { told } : { error: told.error };
  } catch {
    return { error: "The server cannot be reached. Check your connection, then try again." };
  }
}

// Asks once, however often it is called until the answer is there.
function useAsk() {
  const [state, setState] = useState({ busy: false, error: "", told: null });
  const isAsking = useRef(false);
  const send = async (path, body) => {
    if (isAsking.current) return;
    isAsking.current = true;
    setState({ busy: true, error: "", told: null });
    const { told = null, error = "" } = await ask(path, body);
    isAsking.current = false;
    setState({ busy: false, error, told });
  };
  const fail = (error) => setState({ busy: false, error, told: null });
  const forget = () => setState({ busy: false, error: "", told: null });
  return { ...state, send, fail, forget };
}

function Problem({ text, id }) {
  return (
    <div role="alert" id={id}>
      {text ? (
        <Callout.Root color="red" size="1" mt="3">
          <Callout.Icon><TriangleAlert size={16} aria-hidden /></Callout.Icon>
          <Callout.Text>{text}</Callout.Text>
        </Callout.Root>
      ) : null}
    </div>
  );
}

function CopyField({ label, text }) {
  const id = useId();
  return (
    <div>
      <Text as="label" htmlFor={id} size="2" weight="medium">{label}</Text>
      <Flex gap="2" mt="1">
        <input id={id} className="once" readOnly value={text} spellCheck={false}
          onFocus={(event) => event.target.select()} />
        <CopyButton text={text} what={label} size="3" />
      </Flex>
    </div>
  );
}

function Example({ label, text }) {
  return (
    <div>
      <Text as="p" size="2" weight="medium" mb="1">{label}</Text>
      <pre className="example" tabIndex={0} aria-label={label}>{text}</pre>
    </div>
  );
}

// `stays`: what is told is lost on closing, so a click beside the dialog or Escape does not close it.
function Box({ open, onOpenChange, trigger, stays, children }) {
  const hold = (event) => { if (stays) event.preventDefault(); };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Trigger>{trigger}</Dialog.Trigger>
      <Dialog.Content maxWidth="32rem" onEscapeKeyDown={hold} onInteractOutside={hold} onPointerDownOutside={hold}>
        {children}
      </Dialog.Content>
    </Dialog.Root>
  );
}

export function CreateKey({ account, origin, off, onDone }) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const { busy, error, told, send, fail, forget } = useAsk();
  const id = useId();
  const turn = (next) => {
    if (busy) return;
    setOpen(next);
    if (next) return;
    if (told) onDone?.();
    forget();
    setName("");
  };
  const submit = (event) => {
    event.preventDefault();
    if (name.trim()) send(`/api/portal/keys?account=${encodeURIComponent(account)}`, { name });
    else fail("Give the key a name, so that you know later which one to revoke.");
  };
  const trigger = <Button size="3" disabled={Boolean(off)}><Plus size={16} aria-hidden />New key</Button>;
  return (
    <Box open={open} onOpenChange={turn} trigger={trigger} stays={Boolean(told)}>
      {told ? (
        <Flex direction="column" gap="4">
          <div>
            <Dialog.Title mb="1">Your new key</Dialog.Title>
            <Dialog.Description size="2">{name.trim()}</Dialog.Description>
          </div>
          <Callout.Root color="amber" size="1">
            <Callout.Icon><TriangleAlert size={16} aria-hidden /></Callout.Icon>
            <Callout.Text>Copy it now. We keep only a fingerprint of it, so nobody can show it again.</Callout.Text>
          </Callout.Root>
          <CopyField label="API key" text={told.key} />
          <Example label="Try it" text={`curl ${origin}/api/v1/credits/balance \\\n  -H "X-API-Key: ${told.key}"`} />
          <Flex justify="end"><Button size="3" variant="soft" onClick={() => turn(false)}>I have copied it</Button></Flex>
        </Flex>
      ) : (
        <form onSubmit={submit} noValidate>
          <Dialog.Title>New API key</Dialog.Title>
          <Dialog.Description size="2" color="gray">
            Whoever has the key makes reports with this account’s credits, and reads all of its reports.
          </Dialog.Description>
          <Text as="label" htmlFor={id} size="2" weight="medium" mt="4" mb="1" style={{ display: "block" }}>Name</Text>
          <TextField.Root id={id} size="3" value={name} onChange={(event) => setName(event.target.value)}
            placeholder="Newsroom dashboard" maxLength={100} autoComplete="off" required
            aria-invalid={Boolean(error)} aria-describedby={`${id}-problem`} />
          <Text as="p" size="1" color="gray" mt="1">What uses it, so that you know later which key is which.</Text>
          <Problem text={error} id={`${id}-problem`} />
          <Flex gap="3" justify="end" mt="5">
            <Dialog.Close><Button type="button" size="3" variant="soft" color="gray" disabled={busy}>Cancel</Button></Dialog.Close>
            <Button type="submit" size="3" loading={busy}>Make the key</Button>
          </Flex>
        </form>
      )}
    </Box>
  );
}

function Invited({ told, onClose }) {
  const went = {
    sent: `We have sent the invitation to ${told.email}. The link is good for 7 days.`,
    kept: <>This server sends no mail: it keeps the one to {told.email} in its <a href="/mail" style={{ color: "inherit" }}>outbox</a>.</>,
    failed: `The mail to ${told.email} did not go out. ${told.problem} Send the link yourself: it is good for 7 days.`,
  }[told.mail];
  const isFine = told.mail !== "failed";
  return (
    <Flex direction="column" gap="4">
      <Dialog.Title mb="0">{isFine ? "Invited" : "Invited, but not by mail"}</Dialog.Title>
      <Callout.Root color={isFine ? "green" : "amber"} size="1" role="status">
        <Callout.Icon>
          {isFine ? <CircleCheck size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
        </Callout.Icon>
        <Callout.Text>{went}</Callout.Text>
      </Callout.Root>
      <CopyField label="Link of the invitation" text={told.url} />
      <Dialog.Description size="1" color="gray">
        It works once, for {told.email} alone, and is shown here only. Sending again makes a new one.
      </Dialog.Description>
      <Flex justify="end"><Button size="3" variant="soft" onClick={onClose}>Done</Button></Flex>
    </Flex>
  );
}

export function InviteMember({ account, off, onDone }) {
  const [open, setOpen] = useState(false);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("member");
  const { busy, error, told, send, fail, forget } = useAsk();
  const id = useId();
  const turn = (next) => {
    if (busy) return;
    setOpen(next);
    if (next) return;
    if (told) onDone?.();
    forget();
    setEmail("");
    setRole("member");
  };
  const submit = (event) => {
    event.preventDefault();
    if (email.trim()) send(`/api/portal/invitations?account=${encodeURIComponent(account)}`, { email, role });
    else fail("Enter the e-mail address of the person you invite.");
  };
  const trigger = <Button size="3" disabled={Boolean(off)}><UserPlus size={16} aria-hidden />Invite</Button>;
  return (
    <Box open={open} onOpenChange={turn} trigger={trigger} stays={Boolean(told)}>
      {told ? <Invited told={told} onClose={() => turn(false)} /> : (
        <form onSubmit={submit} noValidate>
          <Dialog.Title>Invite somebody</Dialog.Title>
          <Dialog.Description size="2" color="gray">They get a link by mail, which is good for 7 days.</Dialog.Description>
          <Text as="label" htmlFor={id} size="2" weight="medium" mt="4" mb="1" style={{ display: "block" }}>
            E-mail address
          </Text>
          <TextField.Root id={id} type="email" size="3" value={email} onChange={(event) => setEmail(event.target.value)}
            placeholder="ada@example.com" maxLength={254} autoComplete="off" required
            aria-invalid={Boolean(error)} aria-describedby={`${id}-problem`} />
          <Text as="p" id={`${id}-role`} size="2" weight="medium" mt="4" mb="1">Role</Text>
          <RadioGroup.Root value={role} onValueChange={setRole} size="2" aria-labelledby={`${id}-role`}>
            <RadioGroup.Item value="member">
              Member<Text as="span" size="1" color="gray" style={{ display: "block" }}>Makes and reads reports</Text>
            </RadioGroup.Item>
            <RadioGroup.Item value="admin">
              Admin<Text as="span" size="1" color="gray" style={{ display: "block" }}>
                Also manages keys, people, credits and branding
              </Text>
            </RadioGroup.Item>
          </RadioGroup.Root>
          <Problem text={error} id={`${id}-problem`} />
          <Flex gap="3" justify="end" mt="5">
            <Dialog.Close><Button type="button" size="3" variant="soft" color="gray" disabled={busy}>Cancel</Button></Dialog.Close>
            <Button type="submit" size="3" loading={busy}>Send the invitation</Button>
          </Flex>
        </form>
      )}
    </Box>
  );
}

export function ResendInvitation({ invitation, email, onDone }) {
  const [open, setOpen] = useState(false);
  const { busy, error, told, send, forget } = useAsk();
  const turn = (next) => {
    if (busy) return;
    setOpen(next);
    if (next) return;
    if (told) onDone?.();
    forget();
  };
  const trigger = (
    <IconButton variant="ghost" color="gray" size="2" aria-label={`Send the invitation to ${email} again`} title="Send again">
      <Send size={16} aria-hidden />
    </IconButton>
  );
  return (
    <Box open={open} onOpenChange={turn} trigger={trigger} stays={Boolean(told)}>
      {told ? <Invited told={told} onClose={() => turn(false)} /> : (
        <>
          <Dialog.Title>Send it again?</Dialog.Title>
          <Dialog.Description size="2">
            {email} gets a new link, good for another 7 days. The one before stops working.
          </Dialog.Description>
          <Problem text={error} />
          <Flex gap="3" justify="end" mt="5">
            <Dialog.Close><Button size="3" variant="soft" color="gray" disabled={busy}>Cancel</Button></Dialog.Close>
            <Button size="3" loading={busy} onClick={() => send(`/api/portal/invitations/${invitation}/renewal`, {})}>
              Send again
            </Button>
          </Flex>
        </>
      )}
    </Box>
  );
}
