"""A click command with `--plugins`: the chosen plugins' options become its own.

The plugins are imported before the rest of the command line is parsed, so that their options appear
in `--help`, under a heading for each plugin.
"""

from collections.abc import Iterable
from typing import Any

import click

from ..base.quiet_keras import quiet_tensorflow
from ..base.text import printable
from .manager import Loaded, Plugins, load, options_of
from .options import DIAGNOSIS, plugins_option, set_debug
from .sources import PLUGIN_GROUP, installed, select_plugins

_LOADED = "inkhook.loaded"


class PluginCommand(click.Command):
    """A command whose callback gets the chosen plugins, made from their options, as `plugins`."""

    def __init__(
        self, *args: Any, default_plugins: str = "", always: Iterable[str] = (), **kwargs: Any
    ) -> None:
        """Add the common options to a command.

        Parameters
        ----------
        *args, **kwargs
            As for click.Command.
        default_plugins : str
            The value of `--plugins` if neither it nor INKHOOK_PLUGINS is given. A command that uses
            no plugins by default ignores INKHOOK_PLUGINS.
        always : iterable of str
            Plugins that are always added.
        """
        super().__init__(*args, **kwargs)
        self._always = tuple(always)
        self._choice = plugins_option(default_plugins)
        self.params = [self._choice, *self.params, *DIAGNOSIS]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Import the plugins that the arguments choose, then parse the arguments."""
        set_debug(ctx, None, "--debug" in args)
        quiet_tensorflow()  # a plugin may import it by itself
        taken = [*self.params, self.get_help_option(ctx) or self._choice]
        ctx.meta[_LOADED] = load(select_plugins(self._chosen(args), self._always), taken)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            owners = [
                name
                for name in installed(PLUGIN_GROUP)
                if any(error.option_name in option.opts for option in options_of(name))
            ]
            if owners:
                hint = f"Plugin '{owners[0]}' has it: add it to --plugins."
                raise click.UsageError(f"{error.format_message()} {hint}", ctx) from error
            raise

    def _chosen(self, args: list[str]) -> str:
        """Parse only `--plugins`, among options that aren't known yet."""
        reader = click.Command(
            self.name,
            params=[self._choice],
            add_help_option=False,
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        )
        with reader.make_context(self.name, list(args), resilient_parsing=True) as context:
            return str(context.params["plugins"])

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and the plugins' options."""
        loaded: list[Loaded] = ctx.meta.get(_LOADED, [])
        own = super().get_params(ctx)
        return own + [option for plugin in loaded for option in plugin.options]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's options under their headings, then each plugin's under its name."""
        loaded: list[Loaded] = ctx.meta.get(_LOADED, [])
        sections: dict[str, list[click.Parameter]] = {"Options": []}
        for param in super().get_params(ctx):
            sections.setdefault(getattr(param, "heading", "Options"), []).append(param)
        sections |= {f"Plugin {p.source.name}": list(p.options) for p in loaded}
        for title, params in sections.items():
            options = [param for param in params if isinstance(param, click.Option)]
            rows = [row for option in options if (row := option.get_help_record(ctx))]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Make the plugins from their options and call the command's function."""
        loaded: list[Loaded] = ctx.meta[_LOADED]
        names = {option.name for plugin in loaded for option in plugin.options}
        values = {name: ctx.params.pop(name) for name in list(ctx.params) if name in names}
        for plugin in loaded:
            for notice in plugin.notices:
                click.echo(f"Warning: {printable(notice)}", err=True)
        plugins = Plugins(loaded, values)
        # not passed on, so that a command's arguments stay the same when such options are added
        plugins.trace = ctx.params.pop("trace")
        ctx.params["plugins"] = plugins
        return super().invoke(ctx)
