import { MantineProvider } from '@mantine/core';
import { createElement, type ComponentType } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

// A component's text, for tests.
export const render = <P extends object>(Component: ComponentType<P>, props: P): string => {
  const place = document.createElement('div');
  place.innerHTML = renderToStaticMarkup(
    <MantineProvider>{createElement(Component, props)}</MantineProvider>);
  place.querySelectorAll('style').forEach((one) => one.remove());
  return place.textContent ?? '';
};
