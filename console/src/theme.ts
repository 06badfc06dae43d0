import { createTheme, type MantineColorsTuple } from '@mantine/core';

// Shades of one blue-grey and one accent; the state colours are variables of theme.css.
const water: MantineColorsTuple = [
  '#e9f4f9', '#d3e7f1', '#a6cfe3', '#7fbbd8', '#6cb4d9',
  '#3f8fb8', '#2b7aa2', '#1b6285', '#154e6b', '#0f3b52',
];
const dark: MantineColorsTuple = [
  '#dde3e8', '#b9c3cc', '#9aa6b1', '#6e7a85', '#48525c',
  '#313941', '#242a30', '#1c2126', '#15191d', '#101317',
];
const gray: MantineColorsTuple = [
  '#f8f9fa', '#f1f3f5', '#e4e8eb', '#d3d9de', '#aab4bd',
  '#83909b', '#56626c', '#434d56', '#2c343b', '#1d2429',
];

export const theme = createTheme({
  primaryColor: 'water',
  primaryShade: { light: 7, dark: 6 },
  colors: { water, dark, gray },
  fontFamily: 'var(--hw-font)',
  fontFamilyMonospace: 'var(--hw-mono)',
  defaultRadius: 'sm',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  spacing: { xs: '6px', sm: '10px', md: '14px', lg: '20px', xl: '28px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  // A menu's first item takes the focus: the holder of it that Mantine would add is no menu item
  // to a screen reader. What explains a field stands under it, so that fields beside each other
  // line up.
  components: {
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ['label', 'input', 'error', 'description'] },
    },
  },
});
