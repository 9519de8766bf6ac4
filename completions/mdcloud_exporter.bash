# Completion of mdcloud_exporter for bash: source this file, or put it where bash-completion looks for it
# (/usr/share/bash-completion/completions/mdcloud_exporter). It needs nothing but bash 4.

_mdcloud_exporter() {
  local commands='check once status healthcheck demo'
  local flags='--config.file= --config.check --config.auto-reload --web.listen-address= --web.systemd-socket --web.telemetry-path=
    --web.config.file= --web.external-url= --web.enable-lifecycle --web.max-connections= --probe.listen-address=
    --metrics.expiration-days --no-metrics.expiration-days --storage.path= --shard= --total-shards= --output.file=
    --output= --watch --log.level= --log.format= --version --help'

  # The words as they are typed: "=" and ":" are no ends of words here, whatever COMP_WORDBREAKS says.
  local line=${COMP_LINE:0:COMP_POINT}
  local current=${line##*[[:space:]]} rest=${line%[[:space:]]*}
  local previous=${rest##*[[:space:]]} flag= value=
  # A blank behind a backslash belongs to the word.
  while [[ $rest != "$line" && $rest == *\\ ]]; do
    current="${rest##*[[:space:]]} $current"
    [[ $rest == *[[:space:]]* ]] || break
    rest=${rest%[[:space:]]*}
    previous=${rest##*[[:space:]]}
  done
  if [[ $current == --*=* ]]; then
    flag=${current%%=*}= value=${current#*=}
  elif [[ $previous == --* && $previous != *=* && " ${flags//$'\n'/ } " == *" $previous= "* ]]; then
    flag=$previous= value=$current
  fi
  value=${value//\\/}

  local words=
  case $flag in
    --config.file= | --web.config.file= | --output.file=)
      mapfile -t COMPREPLY < <(compgen -f -- "$value")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --storage.path=)
      mapfile -t COMPREPLY < <(compgen -d -- "$value")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --log.level=) words='debug info warn error' ;;
    --log.format=) words='logfmt json' ;;
    --output=) words='table json' ;;
    --*) return ;; # numbers, addresses and the like are for people
  esac
  if [[ -n $flag ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$value")
    return
  fi
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return
  fi
  # One command at most.
  local word
  for word in $rest; do
    [[ " $commands " == *" $word "* ]] && return
  done
  mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
}

complete -F _mdcloud_exporter mdcloud_exporter
