/**
 * Variables that docker, podman or what they load read themselves: a value that is meant for a container must not reach
 * them through their own environment.
 */
const READ_BY_ENGINES = [
  /^(?:DOCKER|BUILDX|BUILDKIT|BUILDAH|CONTAINERS?|PODMAN|COMPOSE|XDG|OTEL|LD|DYLD)(?:_|$)/,
  /^(?:STORAGE_(?:DRIVER|OPTS|CONF)|REGISTRY_AUTH_FILE|SSH_(?:AUTH_SOCK|ASKPASS\w*|AGENT_PID))$/,
  /^(?:GODEBUG|GOGC|GOMAXPROCS|GOMEMLIMIT|GOTRACEBACK|GOCOVERDIR)$/,
  /^(?:HTTPS?|FTP|NO|ALL)_PROXY$/i,
  /^(?:PATH|PATHEXT|HOME|USER|LOGNAME|SHELL|PWD|TMPDIR|TEMP|TMP|TERM|LANG|LC_\w+|TZ|NO_COLOR|COLUMNS|LINES)$/i,
  /^(?:USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|SYSTEMROOT|NOTIFY_SOCKET|LISTEN_\w+|SSL_CERT_(?:FILE|DIR))$/i,
  /^(?:GNUPGHOME|DBUS_\w+)$/i,
];
/** What a variable can be called in every environment. */
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether a value can be handed over in the environment of docker or podman, where nobody else sees it. */
export function canBeInherited(name: string): boolean {
  return PLAIN_NAME.test(name) && !READ_BY_ENGINES.some((pattern) => pattern.test(name));
}
